"""SQL by noun; each function takes the open connection and speaks the domain."""
