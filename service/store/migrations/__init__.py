"""The store's schema, version by version; run by `service.store.migrate`."""
