"""What is used of each limit, policies as versions, and the holdout's assignments."""

import sqlalchemy as sa
from alembic import op

from service.db.column_types import Serial, UtcTime

revision = "0002"
down_revision = "0001"

_OPEN = "('awaiting_approval', 'issued', 'sent', 'viewed', 'accepted', 'missed')"
_ENDED = "('withdrawn', 'expired', 'reversed')"


def upgrade() -> None:
    op.create_table(
        "assignments",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("policy_id", sa.Text(), nullable=False),
        sa.Column("arm", sa.Text(), nullable=False),
        sa.Column("propensity", sa.Text(), nullable=False),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("account", "policy_id", name="pk_assignments"),
    )
    op.create_index("ix_assignments_rule_at", "assignments", ["rule", "at"], unique=False)
    op.create_table(
        "limits",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", "period", name="pk_limits"),
    )
    op.create_table(
        "policies",
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("policy_id", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_policies"),
    )
    op.create_table(
        "publications",
        sa.Column("number", Serial, nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.Column("is_restored", sa.Boolean(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_publications"),
    )
    _count_what_is_used()


def _count_what_is_used() -> None:
    """Offers issued before there were counters take their share of each limit."""
    month = "strftime('%Y-%m', issued_at / 1000000, 'unixepoch')"
    if op.get_bind().dialect.name == "postgresql":
        month = "to_char(to_timestamp(issued_at / 1000000.0) AT TIME ZONE 'UTC', 'YYYY-MM')"
    cost = "COALESCE(settled_minor, reserve_minor)"
    for name in ("'budget'", """'by:' || "by\""""):
        op.execute(
            f"INSERT INTO limits (name, period, used) SELECT {name}, {month}, SUM({cost}) "  # noqa: S608  # our own words
            f"FROM offers WHERE state NOT IN {_ENDED} GROUP BY 1, 2"
        )
    op.execute(
        "INSERT INTO limits (name, period, used) SELECT 'open_offers', '', COUNT(*) "  # noqa: S608  # our own words
        f"FROM offers WHERE state IN {_OPEN}"
    )
