"""Words by which leads are found go with them: an undone import had left them."""

from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM search_terms WHERE lead NOT IN (SELECT id FROM leads)")


def downgrade() -> None:
    pass
