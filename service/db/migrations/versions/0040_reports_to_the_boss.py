"""Usage reports: orders, readers, who is counted in no sum, what was reported, the letters."""

import sqlalchemy as sa
from alembic import op

from service.db.column_types import Serial, UtcTime

revision = "0040"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report_orders",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("every", sa.Text(), nullable=False),
        sa.Column("from_day", sa.Text(), nullable=False),
        sa.Column("ordered_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime()),
        sa.Column("ended_why", sa.Text()),
    )
    op.create_index("ix_report_orders_account", "report_orders", ["account"])
    op.create_index("ix_report_orders_lead", "report_orders", ["lead"])
    running = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_report_orders_running",
        "report_orders",
        ["account"],
        unique=True,
        sqlite_where=running,
        postgresql_where=running,
    )
    op.create_table(
        "report_readers",
        sa.Column("id", Serial, primary_key=True),
        sa.Column("report_order", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("added_at", UtcTime(), nullable=False),
        sa.Column("left_at", UtcTime()),
        sa.Column("left_why", sa.Text()),
    )
    op.create_index("ix_report_readers_report_order", "report_readers", ["report_order"])
    op.create_index("ix_report_readers_lead", "report_readers", ["lead"])
    op.create_table(
        "report_objections",
        sa.Column("id", Serial, primary_key=True),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
    )
    op.create_index("ix_report_objections_lead", "report_objections", ["lead"])
    op.create_table(
        "reports",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("report_order", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text()),
        sa.Column("figures", sa.Text()),
        sa.Column("frozen_at", UtcTime(), nullable=False),
    )
    op.create_index("ix_reports_report_order", "reports", ["report_order"])
    op.create_index("uq_reports_account_period", "reports", ["account", "period"], unique=True)
    op.create_table(
        "report_letters",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("report", sa.Text()),
        sa.Column("report_order", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("ordered_by", sa.Text(), nullable=False),
        sa.Column("letter", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
    )
    op.create_index("ix_report_letters_report", "report_letters", ["report"])
    op.create_index("ix_report_letters_report_order", "report_letters", ["report_order"])
    op.create_index("ix_report_letters_lead", "report_letters", ["lead"])
    op.create_index("ix_report_letters_at", "report_letters", ["at"])


def downgrade() -> None:
    for name in ("report_letters", "reports", "report_objections", "report_readers"):
        op.drop_table(name)
    op.drop_table("report_orders")
