"""The indexes of account and mail address leave out leads that have none.

With them inside, a store of many such leads believes that an account is common, and reads all
leads to find those who share a trace.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both anew."""
    for name in ("account", "email_key"):
        op.drop_index(f"ix_leads_{name}", table_name="leads")
        is_there = sa.column(name).is_not(None)
        op.create_index(
            f"ix_leads_{name}", "leads", [name], sqlite_where=is_there, postgresql_where=is_there
        )


def downgrade() -> None:
    """As they were."""
    for name in ("account", "email_key"):
        op.drop_index(f"ix_leads_{name}", table_name="leads")
        op.create_index(f"ix_leads_{name}", "leads", [name])
