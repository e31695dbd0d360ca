"""Offers have codes, what is granted becomes a task, live days count, leads leave traces."""

import sqlalchemy as sa
from alembic import op

from service.db.column_types import UtcTime

revision = "0005"
down_revision = "0004"

_TRACES = ("mailbox_key", "payment_key", "domain")


def upgrade() -> None:
    op.create_table(
        "redemptions",
        sa.Column("offer", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("invoice", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("offer", name="pk_redemptions"),
    )
    op.create_index(
        "uq_redemptions_account_invoice", "redemptions", ["account", "invoice"], unique=True
    )
    op.create_table(
        "tasks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("offer", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("give", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("recipe", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_tasks"),
    )
    op.create_index("ix_tasks_offer", "tasks", ["offer"], unique=False)
    op.create_index("ix_tasks_state_made_at", "tasks", ["state", "made_at"], unique=False)
    op.create_table(
        "live_days",
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("gives", sa.Text(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("policy_version", "rule", "day", name="pk_live_days"),
    )
    op.create_index("ix_live_days_day", "live_days", ["day"], unique=False)
    op.add_column("offers", sa.Column("code", sa.Text(), nullable=True))
    op.create_index("uq_offers_code", "offers", ["code"], unique=True)
    for name in _TRACES:
        op.add_column("leads", sa.Column(name, sa.Text(), nullable=True))
        known = sa.text(f"{name} IS NOT NULL")
        op.create_index(
            f"ix_leads_{name}", "leads", [name], sqlite_where=known, postgresql_where=known
        )
    op.execute(
        "INSERT INTO redemptions (offer, account, invoice, at) "
        "SELECT id, account, COALESCE(invoice, '') || ' ' || id, changed_at FROM offers "
        "WHERE state IN ('redeemed', 'reversed')"
    )
