"""What changed since a moment is found along an index, however many leads there are."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two indexes."""
    op.create_index("ix_leads_scored_at", "leads", ["scored_at", "id"])
    op.create_index("ix_offers_changed_at", "offers", ["changed_at", "lead"])


def downgrade() -> None:
    """Without them."""
    op.drop_index("ix_offers_changed_at", table_name="offers")
    op.drop_index("ix_leads_scored_at", table_name="leads")
