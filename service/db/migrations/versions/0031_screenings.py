"""Screening calls, the offers that answered an objection, and leads by their phone number."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from service.db.column_types import UtcTime

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None
_A_ROUND = 1000


def upgrade() -> None:
    op.create_table(
        "screenings",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("by_machine", sa.Boolean(), nullable=False),
        sa.Column("callback_at", UtcTime(), nullable=True),
        sa.Column("objection", sa.Text(), nullable=True),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_screenings"),
    )
    op.create_index("ix_screenings_lead", "screenings", ["lead"], unique=False)
    op.create_table(
        "objection_answers",
        sa.Column("offer", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("objection", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("offer", name="pk_objection_answers"),
    )
    op.create_index("ix_objection_answers_lead", "objection_answers", ["lead"], unique=False)
    op.add_column("leads", sa.Column("phone", sa.Text(), nullable=True))
    _take_up_numbers()
    is_told = sa.text("phone IS NOT NULL")
    op.create_index(
        "ix_leads_phone", "leads", ["phone"], sqlite_where=is_told, postgresql_where=is_told
    )


def _take_up_numbers() -> None:
    leads = sa.table("leads", *(sa.column(name, sa.Text) for name in ("id", "contact", "phone")))
    change = sa.update(leads).where(leads.c.id == sa.bindparam("_lead"))
    connection, last = op.get_bind(), ""
    while True:
        query = sa.select(leads.c.id, leads.c.contact).where(leads.c.id > last)
        found = connection.execute(query.order_by(leads.c.id).limit(_A_ROUND)).all()
        if not found:
            return
        last = found[-1].id
        numbers = [(lead.id, json.loads(lead.contact).get("phone_e164")) for lead in found]
        rows = [{"_lead": id, "_phone": number} for id, number in numbers if number]
        if rows:
            connection.execute(change.values(phone=sa.bindparam("_phone")), rows)


def downgrade() -> None:
    op.drop_index("ix_leads_phone", "leads")
    op.drop_column("leads", "phone")
    op.drop_index("ix_objection_answers_lead", "objection_answers")
    op.drop_table("objection_answers")
    op.drop_index("ix_screenings_lead", "screenings")
    op.drop_table("screenings")
