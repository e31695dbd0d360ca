"""An offer's life: decide, issue, reserve, accept, redeem, reverse, and its tasks."""
