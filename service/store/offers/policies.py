"""Policies as versions that never change, and who published which, when and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from service.db.tables.leads import policies, publications


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPolicy:
    """One version: a text and who wrote it."""

    version: str
    policy_id: str
    text: str
    author: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One version put to work; `proof` is JSON text."""

    number: int
    version: str
    by: str
    reason: str
    proof: str
    is_restored: bool
    at: datetime


_POLICY = tuple(StoredPolicy.__slots__)
_PUBLICATION = tuple(Publication.__slots__)
_POLICIES = sa.select(*(policies.c[name] for name in _POLICY))
_PUBLICATIONS = sa.select(*(publications.c[name] for name in _PUBLICATION))


def find(connection: sa.Connection, version: str) -> StoredPolicy | None:
    """One version."""
    row = connection.execute(_POLICIES.where(policies.c.version == version)).first()
    return None if row is None else StoredPolicy(**row._mapping)


def versions(connection: sa.Connection) -> list[StoredPolicy]:
    """Every version, oldest first."""
    rows = connection.execute(_POLICIES.order_by(policies.c.created_at, policies.c.version))
    return [StoredPolicy(**row._mapping) for row in rows]


def add(connection: sa.Connection, policy: StoredPolicy) -> None:
    """A new version; fails on its key when the same text is there."""
    connection.execute(policies.insert(), {name: getattr(policy, name) for name in _POLICY})


def publish(
    connection: sa.Connection,
    version: str,
    *,
    by: str,
    reason: str,
    proof: str,
    is_restored: bool,
    now: datetime,
) -> int:
    """Put a version to work from now on; the publication's number."""
    row = publications.insert().values(
        version=version, by=by, reason=reason, proof=proof, is_restored=is_restored, at=now
    )
    return int(connection.execute(row.returning(publications.c.number)).scalar_one())


def newest(connection: sa.Connection) -> Publication | None:
    """The publication that is to be served."""
    row = connection.execute(_PUBLICATIONS.order_by(publications.c.number.desc()).limit(1)).first()
    return None if row is None else Publication(**row._mapping)


def history(connection: sa.Connection) -> list[Publication]:
    """Every publication, newest first."""
    rows = connection.execute(_PUBLICATIONS.order_by(publications.c.number.desc()))
    return [Publication(**row._mapping) for row in rows]
