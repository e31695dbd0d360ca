"""A consent is a row of its address; reps have days off; a talk is the whole account's; what was
lost may open again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from service.db.column_types import UtcTime

revision = "0019"
down_revision = "0018"
_A_ROUND = 1000


def upgrade() -> None:
    """Bring the schema to this revision, and the grounds that leads have into rows."""
    op.create_table(
        "consents",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=True),
        sa.Column("mailbox_key", sa.Text(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=True),
        sa.Column("ground", sa.Text(), nullable=True),
        sa.Column("wording", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("at", UtcTime(), nullable=True),
        sa.Column("notice_at", UtcTime(), nullable=True),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.Column("asked_at", UtcTime(), nullable=True),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
    )
    op.create_index("ix_consents_lead", "consents", ["lead"], unique=False)
    op.create_index("ix_consents_email_key", "consents", ["email_key"], unique=False)
    op.create_index("ix_consents_mailbox_key", "consents", ["mailbox_key"], unique=False)
    op.add_column("reps", sa.Column("absences", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("accounts", sa.Column("touched_at", UtcTime(), nullable=True))
    op.add_column("leads", sa.Column("reopened_at", UtcTime(), nullable=True))
    _take_up_grounds()
    _take_up_replies()
    _take_up_talks()


def _take_up_grounds() -> None:
    leads = sa.table(
        "leads",
        sa.column("id", sa.Text),
        sa.column("ref", sa.Text),
        sa.column("email_key", sa.Text),
        sa.column("mailbox_key", sa.Text),
        sa.column("record", sa.Text),
        sa.column("received_at", UtcTime),
    )
    consents = sa.table(
        "consents",
        *(sa.column(name, sa.Text) for name in _TEXTS),
        *(sa.column(name, UtcTime) for name in ("at", "received_at")),
    )
    connection, last = op.get_bind(), ""
    while True:
        found = connection.execute(
            sa.select(leads).where(leads.c.id > last).order_by(leads.c.id).limit(_A_ROUND)
        ).all()
        if not found:
            return
        last = found[-1].id
        rows = [row for lead in found for row in _rows(lead)]
        if rows:
            connection.execute(sa.insert(consents), rows)


_TEXTS = (
    "id",
    "lead",
    "email_key",
    "mailbox_key",
    "purpose",
    "ground",
    "wording",
    "source",
    "proof",
)


def _rows(lead: Any) -> list[dict[str, Any]]:
    given = json.loads(lead.record).get("consent")
    if not given:
        return []
    return [
        {
            "id": f"consent_{lead.ref}",
            "lead": lead.id,
            "email_key": lead.email_key,
            "mailbox_key": lead.mailbox_key,
            "purpose": "offers",
            "ground": given["ground"],
            "wording": given.get("wording"),
            "source": given.get("source"),
            "at": _time(given.get("at")),
            "proof": "{}",
            "received_at": lead.received_at,
        }
    ]


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


def _take_up_replies() -> None:
    leads = sa.table("leads", sa.column("id"), sa.column("reopened_at"))
    touches = sa.table("touches", *(sa.column(name) for name in ("lead", "kind", "at")))
    newest = sa.select(sa.func.max(touches.c.at)).where(
        touches.c.lead == leads.c.id, touches.c.kind.in_(("reply", "meeting"))
    )
    op.execute(sa.update(leads).values(reopened_at=newest.scalar_subquery()))


def _take_up_talks() -> None:
    leads = sa.table("leads", sa.column("account"), sa.column("touched_at"))
    columns = ("id", "created_at", "touched_at")
    accounts = sa.table("accounts", *(sa.column(name) for name in columns))
    touched = leads.c.account.is_not(None) & leads.c.touched_at.is_not(None)
    newest = sa.func.max(leads.c.touched_at)
    of_account = sa.select(newest).where(leads.c.account == accounts.c.id).scalar_subquery()
    op.execute(sa.update(accounts).values(touched_at=of_account))
    unknown = sa.select(leads.c.account, sa.func.min(leads.c.touched_at), newest).where(
        touched, leads.c.account.not_in(sa.select(accounts.c.id))
    )
    op.execute(sa.insert(accounts).from_select(columns, unknown.group_by(leads.c.account)))
