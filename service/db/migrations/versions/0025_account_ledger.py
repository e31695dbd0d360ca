"""Accounts' money and seats, of what was told so far too; target accounts; what channels cost."""

import json

import sqlalchemy as sa
from alembic import op

from service.db.column_types import Serial, UtcTime

revision = "0025"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ledger = op.create_table(
        "account_ledger",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("subscription", sa.Text()),
        sa.Column("plan", sa.Text()),
        sa.Column("seats", sa.Integer()),
        sa.Column("months", sa.Integer()),
        sa.Column("minor", sa.BigInteger()),
        sa.Column("currency", sa.Text()),
        sa.Column("invoice", sa.Text()),
        sa.Column("by", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_account_ledger"),
    )
    op.create_index("ix_account_ledger_lead", "account_ledger", ["lead"])
    op.create_index("ix_account_ledger_at", "account_ledger", ["at"])
    op.create_table(
        "targets",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("country", sa.Text()),
        sa.Column("segment", sa.Text()),
        sa.Column("rep", sa.Text()),
        sa.Column("seats", sa.Integer()),
        sa.PrimaryKeyConstraint("account", name="pk_targets"),
    )
    op.create_table(
        "channel_costs",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", "month", name="pk_channel_costs"),
    )
    op.create_table(
        "renewal_forecasts",
        sa.Column("months", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("due", sa.Integer(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("fitted_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("months", name="pk_renewal_forecasts"),
    )
    op.create_table(
        "people_said",
        sa.Column("id", Serial, nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("role", sa.Text()),
        sa.Column("stance", sa.Text()),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_people_said"),
    )
    op.create_index("ix_people_said_lead", "people_said", ["lead"])
    outcomes = sa.table(
        "outcomes",
        *(sa.column(name, sa.Text()) for name in ("id", "lead", "kind", "body")),
        *(sa.column(name, UtcTime()) for name in ("at", "received_at")),
    )
    told = sa.select(outcomes).where(outcomes.c.lead.is_not(None))
    rows = [_entry(row) for row in op.get_bind().execute(told)]
    if rows:
        op.bulk_insert(ledger, rows)


def _entry(row: sa.Row) -> dict[str, object]:  # type: ignore[type-arg]
    body = json.loads(row.body)
    term, amount = body.get("term_months"), body.get("amount") or {}
    return {
        "id": row.id,
        "lead": row.lead,
        "kind": row.kind,
        "at": row.at,
        "received_at": row.received_at,
        "subscription": None,
        "plan": body.get("plan"),
        "seats": body.get("seats"),
        "months": body.get("period_months") or (term if body.get("prepaid") else 1),
        "minor": amount.get("minor"),
        "currency": amount.get("currency"),
        "invoice": body.get("invoice"),
        "by": None,
    }


def downgrade() -> None:
    op.drop_index("ix_people_said_lead", "people_said")
    op.drop_table("people_said")
    op.drop_table("renewal_forecasts")
    op.drop_table("channel_costs")
    op.drop_table("targets")
    op.drop_index("ix_account_ledger_at", "account_ledger")
    op.drop_index("ix_account_ledger_lead", "account_ledger")
    op.drop_table("account_ledger")
