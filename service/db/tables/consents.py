"""The table of grounds: what was said, for which address, and how that is known."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, Index, Text

from service.db.column_types import UtcTime, metadata

consents = sa.Table(
    "consents",
    metadata,
    Column("id", Text, primary_key=True),
    Column("lead", Text, nullable=False, index=True),
    Column("email_key", Text),  # null: told of a person whose address was not known
    Column("mailbox_key", Text),  # of the plain address, where this one is an alias
    Column("purpose", Text, nullable=False),
    Column("partner", Text),
    Column("ground", Text),  # null: asked for by mail and not answered yet
    Column("wording", Text),
    Column("source", Text),
    Column("at", UtcTime),  # when it was given, as told or as confirmed
    Column("notice_at", UtcTime),
    Column("proof", Text, nullable=False),  # JSON: the message that told it, or mail and click
    Column("asked_at", UtcTime),
    Column("received_at", UtcTime, nullable=False),
)
Index("ix_consents_email_key", consents.c.email_key)
Index("ix_consents_mailbox_key", consents.c.mailbox_key)
