"""HTTP. A route parses, calls one use case and shapes the answer; nothing is decided here."""
