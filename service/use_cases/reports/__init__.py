"""The report that a customer's own admin orders: who gets it, what it says, when it ends."""
