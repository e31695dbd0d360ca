"""SQL of queues, claims and reps."""
