"""A CSV export of another tool → the bodies that the webhooks take: map, guess, rows, rejects."""
