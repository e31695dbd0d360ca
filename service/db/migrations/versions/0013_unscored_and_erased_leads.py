"""A lead without a score has none, and one that was erased says when.

Before, a score of `null` stood for who objects to one and `{}` for none yet; a record of `{}`
stood for an erased person.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from service.db.column_types import UtcTime

revision = "0013"
down_revision = "0012"

_EMPTY_RECORD = (
    '{"fields":{},"source":{},"consent":null,"do_not_profile":null,"attributes":{},'
    '"attribute_sources":{},"known_at":{}}'
)
_OPTIONAL: dict[str, sa.types.TypeEngine[Any]] = {
    "hundredths": sa.BigInteger(),
    "grade": sa.Text(),
    "score": sa.Text(),
}
_leads = sa.table(
    "leads",
    *(sa.column(name) for name in ("ref", "record", "received_at", "erased_at", *_OPTIONAL)),
    *(sa.column(f"new_{name}") for name in _OPTIONAL),
)
_erasures = sa.table("erasures", sa.column("ref"), sa.column("at"))


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.add_column("leads", sa.Column("erased_at", UtcTime()))
    is_scored = _leads.c.score.not_in(("null", "{}"))
    if op.get_bind().dialect.name == "sqlite":  # which cannot drop a NOT NULL in place
        for name, kind in _OPTIONAL.items():
            op.add_column("leads", sa.Column(f"new_{name}", kind))
        kept = {_leads.c[f"new_{name}"]: _leads.c[name] for name in _OPTIONAL}
        op.execute(sa.update(_leads).where(is_scored).values(kept))
        for name in _OPTIONAL:
            op.execute(f"ALTER TABLE leads DROP COLUMN {name}")
            op.execute(f"ALTER TABLE leads RENAME COLUMN new_{name} TO {name}")
    else:
        for name, kind in _OPTIONAL.items():
            op.alter_column("leads", name, existing_type=kind, nullable=True)
        op.execute(sa.update(_leads).where(~is_scored).values(dict.fromkeys(_OPTIONAL)))
    erased_at = sa.select(sa.func.max(_erasures.c.at)).where(_erasures.c.ref == _leads.c.ref)
    op.execute(
        sa.update(_leads)
        .where(_leads.c.record == "{}")
        .values(
            erased_at=sa.func.coalesce(erased_at.scalar_subquery(), _leads.c.received_at),
            record=_EMPTY_RECORD,
        )
    )
