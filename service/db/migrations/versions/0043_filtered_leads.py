"""One index that has all that lists of leads are filtered by, in the order of their sign-ups."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_leads_filters",
        "leads",
        [
            sa.text("received_at DESC"),
            *("id", "lane", "rep", "grade", "outcome", "erased_at", "hundredths"),
        ],
    )
    for table, columns in (("claims", ("objection", "lead")), ("offers", ("declined", "account"))):
        at, said = ("ended_at", "objection") if table == "claims" else ("changed_at", "declined")
        is_told = sa.text(f"{said} IS NOT NULL")
        op.create_index(
            f"ix_{table}_{said}",
            table,
            [at, *columns],
            sqlite_where=is_told,
            postgresql_where=is_told,
        )


def downgrade() -> None:
    op.drop_index("ix_offers_declined", "offers")
    op.drop_index("ix_claims_objection", "claims")
    op.drop_index("ix_leads_filters", "leads")
