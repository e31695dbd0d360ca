"""The store's schema, version by version; run by `service.db.migrate`."""
