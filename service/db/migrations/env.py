"""Runs the migrations on the connection `service.db.migrate` hands over."""

from alembic import context

from service.db.tables.leads import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # the caller's transaction holds all of it
)
context.run_migrations()
