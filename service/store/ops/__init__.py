"""SQL of keys, users, audit, the outbox and jobs."""
