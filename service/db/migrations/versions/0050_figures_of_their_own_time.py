"""The seats of accounts are kept with their times; all accounts are counted anew.

A sale given back in full is none, and a renewal goes on past its due day and comes in time.
"""

import sqlalchemy as sa
from alembic import op

from service.db.column_types import UtcTime

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_seats",
        sa.Column("of_account", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("seats", sa.Integer()),
        sa.PrimaryKeyConstraint("of_account", "number", name="pk_kept_seats"),
        sqlite_with_rowid=False,
    )
    op.drop_column("kept_lives", "seats")
    is_told = sa.text("objection IS NOT NULL")
    op.create_index(
        "ix_screenings_objection",
        "screenings",
        ["at", "objection", "lead"],
        sqlite_where=is_told,
        postgresql_where=is_told,
    )
    _mark_accounts()


def downgrade() -> None:
    op.drop_index("ix_screenings_objection", "screenings")
    op.add_column("kept_lives", sa.Column("seats", sa.Integer()))
    op.drop_table("kept_seats")
    _mark_accounts()


def _mark_accounts() -> None:
    op.execute(
        "INSERT INTO stale_figures (of_account) "
        "SELECT DISTINCT COALESCE(account, 'lead:' || ref) FROM leads"
    )
