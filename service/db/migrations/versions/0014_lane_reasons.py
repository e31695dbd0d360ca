"""Why a lead is in its lane is kept as codes with values; an older sentence is one of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_leads = sa.table("leads", sa.column("lane_why", sa.Text()))


def upgrade() -> None:
    """Bring the schema to this revision."""
    if op.get_bind().dialect.name == "sqlite":
        sentence = sa.func.json_object("text", _leads.c.lane_why)
        kept: sa.ColumnElement[str] = sa.func.json_array(sa.func.json_array("text", sentence))
    else:
        sentence = sa.func.json_build_object("text", _leads.c.lane_why)
        reason = sa.func.json_build_array(sa.func.json_build_array("text", sentence))
        kept = sa.cast(reason, sa.Text)
    is_told = _leads.c.lane_why != ""
    op.execute(sa.update(_leads).values(lane_why=sa.case((is_told, kept), else_="[]")))
