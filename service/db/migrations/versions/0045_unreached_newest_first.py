"""Leads that nobody reached are found newest first for the reason why."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

_IS_UNREACHED = sa.text("unreached IS NOT NULL")


def upgrade() -> None:
    op.drop_index("ix_leads_unreached", "leads")
    op.create_index(
        "ix_leads_unreached_received_at",
        "leads",
        ["unreached", sa.text("received_at DESC"), "id", "erased_at"],
        sqlite_where=_IS_UNREACHED,
        postgresql_where=_IS_UNREACHED,
    )


def downgrade() -> None:
    op.drop_index("ix_leads_unreached_received_at", "leads")
    op.create_index(
        "ix_leads_unreached",
        "leads",
        ["unreached"],
        sqlite_where=_IS_UNREACHED,
        postgresql_where=_IS_UNREACHED,
    )
