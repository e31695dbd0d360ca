"""SQL of leads, accounts and the facts told of them."""
