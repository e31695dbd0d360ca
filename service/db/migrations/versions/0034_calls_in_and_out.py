"""Calls in and out, masked, for a few days."""

import sqlalchemy as sa
from alembic import op

from service.db.column_types import Serial, UtcTime

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "http_calls",
        sa.Column("id", Serial, nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("tool", sa.Text(), nullable=True),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=True),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=True),
        sa.Column("delivery", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_http_calls"),
    )
    op.create_index("ix_http_calls_at", "http_calls", ["at"])
    op.create_index("ix_http_calls_request", "http_calls", ["request"])
    op.create_index("ix_http_calls_lead", "http_calls", ["lead"])
    op.create_index("ix_http_calls_direction_id", "http_calls", ["direction", "id"])


def downgrade() -> None:
    op.drop_index("ix_http_calls_direction_id", "http_calls")
    op.drop_index("ix_http_calls_lead", "http_calls")
    op.drop_index("ix_http_calls_request", "http_calls")
    op.drop_index("ix_http_calls_at", "http_calls")
    op.drop_table("http_calls")
