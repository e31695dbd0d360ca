"""What was said at a contact that a rep logs."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("touches", sa.Column("note", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("touches", "note")
