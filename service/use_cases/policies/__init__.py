"""Policy versions: drafts, lints, publishing, and which one is active."""
