"""One file a theme. A use case is a plain function of the open connection: one transaction."""
