"""The console's HTTP: pages, forms, sessions."""
