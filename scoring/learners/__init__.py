"""What learns; every learner ends as tables."""
