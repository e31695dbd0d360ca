"""What comes in from outside: sign-ups, events, outcomes, touches, orders, imports."""
