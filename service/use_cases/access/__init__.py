"""Keys, people and sign-in."""
