"""Figures that are kept: counts of leads by day, lives of accounts, and marks of what is stale.

All that is there is marked, so a worker counts it in batches; until then figures are counted as
before, from every row. Triggers mark what changes, in the transaction that changes it: whichever
process writes, an older Giveget's too, no figure is wrong in silence.
"""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from alembic import op

from service.db.column_types import Serial, UtcTime

revision = "0042"
down_revision = "0040"
branch_labels = None
depends_on = None

_KEY = "COALESCE({row}.account, 'lead:' || {row}.ref)"
_ACCOUNT_OF = (
    "(SELECT COALESCE(leads.account, 'lead:' || leads.ref) FROM leads WHERE leads.id = {row}.lead)"
)
_LEAD_OF = "(SELECT offers.lead FROM offers WHERE offers.id = {row}.offer)"
_REDEEMED = "CASE WHEN {row}.state = 'redeemed' THEN {row}.account END"
_WATCHED: dict[str, tuple[str, str, Sequence[str]]] = {
    # table: the lead and the account that a row of it is of, and the columns that figures rest on
    "leads": (
        "{row}.id",
        _KEY,
        (
            *("id", "ref", "account", "record", "contact", "received_at", "moment", "score"),
            *("unreached", "rep", "credit", "touched_at", "outcome", "outcome_at", "erased_at"),
        ),
    ),
    "accounts": ("NULL", "{row}.id", ("id", "rep")),
    "account_ledger": (
        "NULL",
        _ACCOUNT_OF,
        (
            *("id", "lead", "kind", "at", "subscription", "plan", "seats", "months"),
            *("minor", "currency", "invoice", "by"),
        ),
    ),
    "touches": ("NULL", _ACCOUNT_OF, ("lead", "at")),
    "claims": (
        "{row}.lead",
        "NULL",
        (
            *("lead", "claimed_at", "due_at", "ended_at", "ended", "disposition", "objection"),
            "minutes",
        ),
    ),
    "lane_changes": ("{row}.lead", "NULL", ("lead", "transition", "at")),
    "outcomes": ("{row}.lead", "NULL", ("id", "lead", "kind", "at", "body")),
    "screenings": ("{row}.lead", "NULL", ("lead", "result", "at", "objection")),
    "offers": (
        "{row}.lead",
        _REDEEMED,
        (
            *("id", "lead", "account", "terms", "state", "invoice", "reserve_minor"),
            *("settled_minor", "declined", "changed_at"),
        ),
    ),
    "redemptions": (_LEAD_OF, "NULL", ("offer", "at")),
}


def upgrade() -> None:
    _make_tables()
    _make_indexes()
    for statement in _triggers(op.get_bind().dialect.name):
        op.get_bind().exec_driver_sql(statement)
    op.execute("INSERT INTO stale_figures (of_lead) SELECT id FROM leads")
    op.execute(
        "INSERT INTO stale_figures (of_account) "
        "SELECT DISTINCT COALESCE(account, 'lead:' || ref) FROM leads"
    )
    for table in ("claims", "lane_changes", "outcomes", "screenings", "offers"):
        others = f"SELECT DISTINCT lead FROM {table} WHERE lead IS NOT NULL"  # noqa: S608  # of ours
        gone = "AND NOT EXISTS (SELECT 1 FROM leads WHERE leads.id = lead)"
        op.execute(f"INSERT INTO stale_figures (of_lead) {others} {gone}")


def _make_tables() -> None:
    op.create_table(
        "stale_figures",
        sa.Column("id", Serial, nullable=False),
        sa.Column("of_lead", sa.Text()),
        sa.Column("of_account", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_stale_figures"),
    )
    op.create_table(
        "lead_counts",
        sa.Column("of_lead", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("of_lead", name="pk_lead_counts"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "kept_counts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", "detail", "day", name="pk_kept_counts"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "kept_lives",
        sa.Column("of_account", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("valid_from", UtcTime()),
        sa.Column("valid_until", UtcTime()),
        sa.Column("signed_up_at", UtcTime(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text()) for name in ("country", "source", "segment", "rep")),
        sa.Column("first_sale_at", UtcTime()),
        sa.Column("has_ended", sa.Boolean(), nullable=False),
        sa.Column("seats", sa.Integer()),
        sa.PrimaryKeyConstraint("of_account", name="pk_kept_lives"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "kept_orders",
        sa.Column("of_account", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("minor", sa.BigInteger()),
        sa.Column("currency", sa.Text()),
        sa.PrimaryKeyConstraint("of_account", "number", name="pk_kept_orders"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "kept_renewals",
        sa.Column("of_account", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("due_at", UtcTime(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("is_renewed", sa.Boolean(), nullable=False),
        sa.Column("decided_at", UtcTime()),
        sa.PrimaryKeyConstraint("of_account", "number", name="pk_kept_renewals"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "kept_sums",
        sa.Column("of_account", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("kept_minor", sa.BigInteger(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("of_account", "currency", name="pk_kept_sums"),
        sqlite_with_rowid=False,
    )


def _make_indexes() -> None:
    op.create_index("ix_kept_lives_zone", "kept_lives", ["zone"])
    for name in ("valid_from", "valid_until"):
        known = sa.text(f"{name} IS NOT NULL")
        op.create_index(
            f"ix_kept_lives_{name}",
            "kept_lives",
            [name],
            sqlite_where=known,
            postgresql_where=known,
        )


def _triggers(dialect: str) -> Iterator[str]:
    """What marks, in each store's words: a row that came or went, one whose columns differ now."""
    is_sqlite = dialect == "sqlite"
    differs = "IS NOT" if is_sqlite else "IS DISTINCT FROM"
    for table, (lead, account, columns) in _WATCHED.items():
        old, new = (_mark(lead, account, row) for row in ("OLD", "NEW"))
        changed = " OR ".join(f'OLD."{name}" {differs} NEW."{name}"' for name in columns)
        watched = ", ".join(f'"{name}"' for name in columns)
        for event, of, when, marks in (
            ("INSERT", "", "", [new]),
            ("DELETE", "", "", [old]),
            ("UPDATE", f" OF {watched}", f" WHEN ({changed})", [old, new]),
        ):
            name = f"stale_after_{event.lower()}_of_{table}"
            body = " ".join(f"{mark};" for mark in marks)
            if is_sqlite:
                yield (
                    f"CREATE TRIGGER {name} AFTER {event}{of} ON {table} FOR EACH ROW{when} "
                    f"BEGIN {body} END"
                )
                continue
            yield (
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN {body} RETURN NULL; END $$"
            )
            yield (
                f"CREATE TRIGGER {name} AFTER {event}{of} ON {table} FOR EACH ROW{when} "
                f"EXECUTE FUNCTION {name}()"
            )


def _mark(lead: str, account: str, row: str) -> str:
    """One mark of the lead and the account that a row is of; none where it is of neither."""
    return (
        "INSERT INTO stale_figures (of_lead, of_account) "  # noqa: S608  # names of ours
        "SELECT marked.of_lead, marked.of_account FROM (SELECT "
        f"{lead.format(row=row)} AS of_lead, {account.format(row=row)} AS of_account) AS marked "
        "WHERE marked.of_lead IS NOT NULL OR marked.of_account IS NOT NULL"
    )


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in _WATCHED:
        for event in ("insert", "delete", "update"):
            name = f"stale_after_{event}_of_{table}"
            on = "" if is_sqlite else f" ON {table}"
            op.execute(f"DROP TRIGGER {name}{on}")
            if not is_sqlite:
                op.execute(f"DROP FUNCTION {name}()")
    for name in ("valid_until", "valid_from"):
        op.drop_index(f"ix_kept_lives_{name}", "kept_lives")
    op.drop_index("ix_kept_lives_zone", "kept_lives")
    for name in (
        *("kept_sums", "kept_renewals", "kept_orders", "kept_lives", "kept_counts"),
        *("lead_counts", "stale_figures"),
    ):
        op.drop_table(name)
