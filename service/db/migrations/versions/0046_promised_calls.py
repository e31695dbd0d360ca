"""A place in a queue keeps when the call that a rep promised is due; it comes first then."""

import json
from datetime import datetime

import sqlalchemy as sa
from alembic import op

from service.db.column_types import UtcTime

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

_IS_CALLED_BACK = sa.text("call_back_at IS NOT NULL")
_PROMISED = sa.text(
    "SELECT leads.id, leads.record FROM leads JOIN queue ON queue.lead = leads.id"
    " WHERE leads.record LIKE '%\"call_back_at\"%'"
)


def upgrade() -> None:
    op.add_column("queue", sa.Column("call_back_at", UtcTime(), nullable=True))
    connection = op.get_bind()
    queue = sa.table("queue", sa.column("lead", sa.Text), sa.column("call_back_at", UtcTime))
    for lead, record in connection.execute(_PROMISED).all():
        at = json.loads(record).get("call_back_at")
        if at is not None:
            change = sa.update(queue).where(queue.c.lead == lead)
            connection.execute(change.values(call_back_at=datetime.fromisoformat(at)))
    op.create_index(
        "ix_queue_rep_call_back_at",
        "queue",
        ["rep", "call_back_at"],
        sqlite_where=_IS_CALLED_BACK,
        postgresql_where=_IS_CALLED_BACK,
    )


def downgrade() -> None:
    op.drop_index("ix_queue_rep_call_back_at", "queue")
    op.drop_column("queue", "call_back_at")
