"""What was seen last of a lead's records in a CRM that is polled."""

import sqlalchemy as sa
from alembic import op

from service.db.column_types import UtcTime

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "crm_records",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_crm_records"),
    )
    op.create_index("ix_crm_records_lead", "crm_records", ["lead"])


def downgrade() -> None:
    op.drop_index("ix_crm_records_lead", table_name="crm_records")
    op.drop_table("crm_records")
