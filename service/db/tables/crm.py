"""The table of what was seen last of a lead's records in a CRM that is polled."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, Integer, Text

from service.db.column_types import UtcTime, metadata

crm_records = sa.Table(
    "crm_records",
    metadata,
    Column("id", Text, primary_key=True),  # the CRM's own id of the record, and what of it
    Column("lead", Text, nullable=False, index=True),
    Column("at", UtcTime, nullable=False),  # when the record last changed, by the CRM's clock
    Column("version", Integer, nullable=False),  # how many of its states said something new
    Column("seen", Text, nullable=False),  # a digest of each value by its name: what was told last
)
