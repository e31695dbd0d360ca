"""Files that are imported can be taken back."""

import sqlalchemy as sa
from alembic import op

from service.db.column_types import Serial, UtcTime

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "imports",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("rejected", sa.BigInteger(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_imports"),
    )
    op.create_table(
        "import_facts",
        sa.Column("id", Serial, nullable=False),
        sa.Column("import", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_import_facts"),
    )
    op.create_index("ix_import_facts_import", "import_facts", ["import"], unique=False)
    op.create_table(
        "import_snapshots",
        sa.Column("id", Serial, nullable=False),
        sa.Column("import", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_import_snapshots"),
    )
    for name in ("import", "lead"):
        op.create_index(f"ix_import_snapshots_{name}", "import_snapshots", [name], unique=False)
