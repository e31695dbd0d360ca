"""A lead, its events and what they add up to, as known at a moment."""
