"""SQL of offers, limits, the ledger, tasks and policies."""
