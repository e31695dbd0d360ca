"""Why a customer declined an offer, and what customers write on its page."""

import sqlalchemy as sa
from alembic import op

from service.db.column_types import UtcTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("offers", sa.Column("declined", sa.Text(), nullable=True))
    op.create_table(
        "remarks",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("offer", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
    )
    op.create_index("ix_remarks_offer", "remarks", ["offer"])
    op.create_index("ix_remarks_lead", "remarks", ["lead"])


def downgrade() -> None:
    op.drop_table("remarks")
    op.drop_column("offers", "declined")
