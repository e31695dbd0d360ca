"""Brings a store to this code's schema with Alembic, once, whoever starts first."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from service.db.advisory_locks import AdvisoryLock, take
from service.db.engines import begin_writing
from service.errors import ConfigurationError


def migrate(engine: sa.Engine, *, to: str = "head") -> None:
    """Upgrade to a schema; raises ConfigurationError when it, or the store, is newer than us."""
    scripts = _scripts()
    with engine.connect() as connection, begin_writing(connection):  # SQLite: has the write lock
        take(connection, AdvisoryLock.MIGRATING)
        now_at = MigrationContext.configure(connection).get_current_revision()
        if now_at == scripts.get_current_head():
            return
        known = {script.revision for script in scripts.walk_revisions()}
        if to != "head" and to not in known:
            raise ConfigurationError(f"its schema {to} is newer than this Giveget; upgrade Giveget")
        if now_at is not None and now_at not in known:
            raise ConfigurationError(
                f"db: its schema {now_at} is newer than this Giveget; upgrade Giveget"
            )
        if now_at != to:
            upgrade(connection, to)


def is_newest(connection: sa.Connection) -> bool:
    """Whether a store has this code's schema."""
    now_at = MigrationContext.configure(connection).get_current_revision()
    return now_at == _scripts().get_current_head()


def is_known(connection: sa.Connection) -> bool:
    """Whether a store's schema is one of this code's, or none yet; else a newer one made it."""
    now_at = MigrationContext.configure(connection).get_current_revision()
    return now_at is None or now_at in {each.revision for each in _scripts().walk_revisions()}


def upgrade(connection: sa.Connection, revision: str) -> None:
    """Bring the connection's schema to a revision, inside its transaction."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


@cache
def _scripts() -> ScriptDirectory:
    """The migrations, read once a process."""
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("service.db").joinpath("migrations")))
    return config
