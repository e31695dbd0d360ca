"""One lead: who it is, its score, its lane, its place in a queue."""
