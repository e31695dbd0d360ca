"""What a redeemed offer sold is counted anew: a trade that needs no order sold nothing."""

from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "INSERT INTO stale_figures (of_lead) "
        "SELECT DISTINCT lead FROM offers WHERE state = 'redeemed' AND lead IS NOT NULL"
    )


def downgrade() -> None:
    pass
