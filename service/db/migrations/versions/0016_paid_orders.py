"""One invoice redeems once, whoever asks; a redemption knows its subscription and commitment."""

import sqlalchemy as sa
from alembic import op

from service.db.column_types import UtcTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_OF_STRIPE = "UPDATE redemptions SET source = 'stripe' WHERE invoice LIKE 'in^_%' ESCAPE '^'"
_SHARED = """
    UPDATE redemptions SET source = source || ':' || account
    WHERE EXISTS (
        SELECT 1 FROM redemptions other
        WHERE other.source = redemptions.source AND other.invoice = redemptions.invoice
          AND (other.at < redemptions.at
               OR (other.at = redemptions.at AND other.offer < redemptions.offer))
    )
"""
"""An invoice that redeemed offers of several accounts stays the first one's."""


def upgrade() -> None:
    op.add_column(
        "redemptions", sa.Column("source", sa.Text(), nullable=False, server_default="orders")
    )
    op.add_column("redemptions", sa.Column("subscription", sa.Text(), nullable=True))
    op.add_column("redemptions", sa.Column("commitment_until", UtcTime(), nullable=True))
    op.execute(_OF_STRIPE)
    op.execute(_SHARED)
    op.drop_index("uq_redemptions_account_invoice", table_name="redemptions")
    op.create_index(
        "uq_redemptions_source_invoice", "redemptions", ["source", "invoice"], unique=True
    )
    op.create_index("ix_redemptions_account", "redemptions", ["account"])
    op.create_index("ix_redemptions_subscription", "redemptions", ["subscription"])
    op.add_column("offers", sa.Column("missed", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("offers", "missed")
    for name in ("ix_redemptions_subscription", "ix_redemptions_account"):
        op.drop_index(name, table_name="redemptions")
    op.drop_index("uq_redemptions_source_invoice", table_name="redemptions")
    op.create_index(
        "uq_redemptions_account_invoice", "redemptions", ["account", "invoice"], unique=True
    )
    for name in ("commitment_until", "subscription", "source"):
        op.drop_column("redemptions", name)
