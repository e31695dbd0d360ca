"""Working hours, reassignment and the pool, credit, lane changes, exploration, objections."""

import sqlalchemy as sa
from alembic import op

from service.db.column_types import Serial, UtcTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("reps", sa.Column("hours", sa.Text()))
    op.add_column("reps", sa.Column("paused_at", UtcTime()))
    op.add_column("queue", sa.Column("assigned_at", UtcTime()))
    op.add_column("queue", sa.Column("passed_by", sa.Text(), nullable=False, server_default="[]"))
    op.execute("UPDATE queue SET assigned_at = entered_at")
    op.create_index(
        "ix_queue_waiting_due_at",
        "queue",
        ["due_at"],
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.add_column("claims", sa.Column("gain_minor", sa.BigInteger()))
    op.add_column("leads", sa.Column("credit", sa.Text()))
    op.add_column("leads", sa.Column("unclaimed_at", UtcTime()))
    op.execute("UPDATE leads SET credit = rep")
    op.create_table(
        "lane_changes",
        sa.Column("id", Serial, nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("transition", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lane_changes"),
    )
    op.create_index("ix_lane_changes_lead", "lane_changes", ["lead"])
    op.create_index("ix_lane_changes_transition", "lane_changes", ["transition"])
    op.create_table(
        "explorations",
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("explored", sa.Boolean(), nullable=False),
        sa.Column("propensity", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("lead", name="pk_explorations"),
    )
    op.create_table(
        "objections",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_objections"),
    )
