"""Reading randomised data: what an offer changed."""
