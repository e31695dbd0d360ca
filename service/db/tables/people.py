"""The tables about people who work here and about what was done: log-ins, the audit, erasures."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Text

from service.db.column_types import Serial, UtcTime, metadata

people = sa.Table(
    "people",
    metadata,
    Column("id", Text, primary_key=True),
    Column("login", Text, nullable=False, unique=True),  # a mail address, in lower case
    Column("name", Text, nullable=False),
    Column("roles", Text, nullable=False),  # JSON, the first is the one they start in
    Column("rep", Text),
    Column("password_hash", Text),  # argon2; null: by single sign-on only
    Column("created_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
)

sessions = sa.Table(
    "sessions",
    metadata,
    Column("id_hash", Text, primary_key=True),  # of the cookie, which is kept nowhere
    Column("owner", Text, nullable=False, index=True),  # a person's or a key's id
    Column("named", Text, nullable=False),  # the key; or the person, their role, a fingerprint
    Column("address", Text, nullable=False),
    Column("browser", Text, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False, index=True),
    Column("ended_at", UtcTime),
)

audit = sa.Table(
    "audit",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("who", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("about", Text, nullable=False, index=True),  # a pseudonym: a lead's ref, an id of ours
    Column("facts", Text, nullable=False),
    Column("number", BigInteger, unique=True),  # null until the worker seals it
    Column("before", Text),
    Column("hash", Text),
)

erasures = sa.Table(
    "erasures",
    metadata,
    Column("lead_key", Text, primary_key=True),  # the lead's id or an address of theirs, blurred
    Column("ref", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
)

shadows = sa.Table(
    "shadows",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("lead", Text, nullable=False, index=True),
    Column("at", UtcTime, nullable=False),
    Column("lane", Text, nullable=False),
    Column("rep", Text),
    Column("rule", Text),
    Column("terms", Text),
)
