"""Whether a mail's text was begun: the server may have taken it though nobody heard."""

import sqlalchemy as sa
from alembic import op

from service.db.column_types import UtcTime

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("begun_at", UtcTime()))
