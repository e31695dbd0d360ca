"""The queue's indexes hold what waits apart from what is taken: a claim changes fewer of them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_WAITING = sa.text("state = 'waiting'")
_TAKEN = sa.text("free_at IS NOT NULL")


def upgrade() -> None:
    """Replace four indexes of the queue by three partial ones."""
    for name in ("rep_state_priority", "rep_state_due_at", "state_free_at", "waiting_due_at"):
        op.drop_index(f"ix_queue_{name}", table_name="queue")
    # a place that waits keeps no time of its last lease
    op.execute("UPDATE queue SET free_at = NULL WHERE state = 'waiting' AND free_at IS NOT NULL")
    by_priority: list[Any] = ["rep", sa.text("priority DESC")]
    op.create_index("ix_queue_waiting_rep_priority", "queue", by_priority, **_only(_WAITING))
    op.create_index("ix_queue_waiting_rep_due_at", "queue", ["rep", "due_at"], **_only(_WAITING))
    op.create_index("ix_queue_taken", "queue", ["free_at", "rep"], **_only(_TAKEN))


def downgrade() -> None:
    """Restore the four indexes of 0011."""
    for name in ("taken", "waiting_rep_due_at", "waiting_rep_priority"):
        op.drop_index(f"ix_queue_{name}", table_name="queue")
    by_priority: list[Any] = ["rep", "state", sa.text("priority DESC")]
    op.create_index("ix_queue_rep_state_priority", "queue", by_priority)
    op.create_index("ix_queue_rep_state_due_at", "queue", ["rep", "state", "due_at"])
    op.create_index("ix_queue_state_free_at", "queue", ["state", "free_at"])
    op.create_index("ix_queue_waiting_due_at", "queue", ["due_at"], **_only(_WAITING))


def _only(where: sa.TextClause) -> Any:
    return {"sqlite_where": where, "postgresql_where": where}
