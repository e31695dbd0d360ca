"""Read-only views for warehouses and reports: columns that stay while the tables move on.

`service.db.tables.views` says what is promised of them. A later migration that changes a column a
view reads drops that view first and makes it anew.
"""

from alembic import op

revision = "0039"
down_revision = "0036"
branch_labels = None
depends_on = None

_LEAD_FIELDS = (
    *("email", "phone", "first_name", "last_name", "title", "company", "website", "country"),
    *("region", "timezone", "locale", "plan", "seats", "campaign_code", "partner"),
    *("trial_started_at", "trial_ends_at", "do_not_email", "do_not_call"),
)
_QUOTED = (*("plan", "currency", "seats", "term_months", "list_minor", "net_minor", "cost_minor"),)
_OUTCOME_FIELDS = (
    *("reason", "plan", "seats", "term_months", "prepaid", "invoice", "offer", "subscription"),
)
NAMES = (
    *("leads", "accounts", "offers", "events", "touches", "outcomes"),
    *("money", "ledger", "deliveries"),
)


class _Sqlite:
    """How SQLite reads our columns: a time as RFC 3339 text, JSON by path."""

    def time(self, column: str) -> str:
        rest = f"((({column}) % 1000000 + 1000000) % 1000000)"
        seconds = f"(({column}) - {rest}) / 1000000"
        moment = f"strftime('%Y-%m-%dT%H:%M:%S', {seconds}, 'unixepoch')"
        return f"{moment} || printf('.%06dZ', {rest})"

    def told_time(self, text: str) -> str:
        return text

    def record(self, name: str, json: str, path: str, keys: tuple[str, ...]) -> str:
        del name, json, path, keys
        return ""

    def field(self, name: str, json: str, path: str, key: str) -> str:
        del name
        return f"json_extract({json}, '$.{path}{key}')"

    def text(self, value: str) -> str:
        return f"CAST({value} AS TEXT)"

    def whole(self, value: str) -> str:
        return f"CAST({value} AS INTEGER)"

    def real(self, value: str) -> str:
        return f"CAST({value} AS REAL)"

    def yes(self, value: str) -> str:
        return f"({value} IS NOT NULL AND {value} = 1)"

    def newest(self, *columns: str) -> str:
        return f"max({', '.join(columns)})"


class _Postgresql:
    """How PostgreSQL does: `timestamptz`, and each row's JSON is read once."""

    def time(self, column: str) -> str:
        return f"timestamptz 'epoch' + ({column}) * interval '1 microsecond'"

    def told_time(self, text: str) -> str:
        return f"({text})::timestamptz"

    def record(self, name: str, json: str, path: str, keys: tuple[str, ...]) -> str:
        told = f"({json})::json" + "".join(f" -> '{part}'" for part in path.split(".") if part)
        columns = ", ".join(f'"{key}" text' for key in keys)
        is_one = f"CASE WHEN json_typeof({told}) = 'object' THEN {told} END"
        return f"LEFT JOIN LATERAL json_to_record({is_one}) AS {name}({columns}) ON true"

    def field(self, name: str, json: str, path: str, key: str) -> str:
        del json, path
        return f'{name}."{key}"'

    def text(self, value: str) -> str:
        return value

    def whole(self, value: str) -> str:
        return f"({value})::numeric::bigint"

    def real(self, value: str) -> str:
        return f"({value})::double precision"

    def yes(self, value: str) -> str:
        return f"coalesce({value} = 'true', false)"

    def newest(self, *columns: str) -> str:
        return f"greatest({', '.join(columns)})"


def upgrade() -> None:
    """Make them."""
    connection = op.get_bind()
    reads = _Sqlite() if connection.dialect.name == "sqlite" else _Postgresql()
    for name, query in _queries(reads).items():
        connection.exec_driver_sql(f"CREATE VIEW giveget_{name} AS {query}")


def downgrade() -> None:
    """Drop them."""
    for name in NAMES:
        op.get_bind().exec_driver_sql(f"DROP VIEW giveget_{name}")


def _queries(r: _Sqlite | _Postgresql) -> dict[str, str]:
    return {
        "leads": _leads(r),
        "accounts": _accounts(r),
        "offers": _offers(r),
        "events": _facts(r, "events", "t.name"),
        "touches": _facts(r, "touches", 't.kind, t."by"'),
        "outcomes": _outcomes(r),
        "money": _money(r),
        "ledger": _ledger(r),
        "deliveries": _deliveries(r),
    }


def _leads(r: _Sqlite | _Postgresql) -> str:
    def told(key: str) -> str:
        return r.field("f", "l.record", "fields.", key)

    def source(key: str) -> str:
        return r.field("s", "l.record", "source.", key)

    keys = ("utm_source", "utm_medium", "utm_campaign")
    texts = [f"{r.text(told(key))} AS {key}" for key in _LEAD_FIELDS[:12]]
    refused = (
        "EXISTS (SELECT 1 FROM suppressions x WHERE x.email_key IN (l.email_key, l.mailbox_key))"
    )
    objects = r.field("o", "l.record", "", "do_not_profile")
    attributes = r.field("o", "l.record", "", "attributes")
    is_back = "l.outcome = 'lost' AND l.reopened_at > l.outcome_at"
    columns = [
        "l.id",
        "l.account",
        *texts,
        f"{r.whole(told('seats'))} AS seats",
        *(f"{r.text(told(key))} AS {key}" for key in ("campaign_code", "partner")),
        f"{r.time('l.moment')} AS signed_up_at",
        f"{r.time('l.received_at')} AS received_at",
        *(f"{r.told_time(told(k))} AS {k}" for k in ("trial_started_at", "trial_ends_at")),
        *(f"{r.text(source(key))} AS {key}" for key in keys),
        f"{attributes} AS attributes",
        f"({r.yes(told('do_not_email'))} OR {refused}) AS do_not_email",
        f"{r.yes(told('do_not_call'))} AS do_not_call",
        f"{r.yes(objects)} AS do_not_profile",
        f"{r.real(r.field('p', 'l.score', '', 'probability'))} AS probability",
        f"{r.real('l.hundredths')} / 100 AS points",
        "l.grade",
        "l.lane",
        "l.unreached",
        "l.rep",
        f"CASE WHEN {is_back} THEN NULL ELSE l.outcome END AS outcome",
        f"CASE WHEN {is_back} THEN NULL ELSE {r.time('l.outcome_at')} END AS outcome_at",
        f"{r.time('l.scored_at')} AS updated_at",
    ]
    joins = (
        r.record("f", "l.record", "fields.", _LEAD_FIELDS),
        r.record("s", "l.record", "source.", keys),
        r.record("o", "l.record", "", ("do_not_profile", "attributes")),
        r.record("p", "l.score", "", ("probability",)),
    )
    return _select(columns, f"leads l {' '.join(joins)} WHERE l.erased_at IS NULL")


def _accounts(r: _Sqlite | _Postgresql) -> str:
    since = [
        f"coalesce(a.{name}, a.created_at)"
        for name in ("touched_at", "paying_since", "open_deal_since")
    ]
    columns = [
        "a.id",
        "a.rep",
        *(f"{r.time(f'a.{n}')} AS {n}" for n in ("paying_since", "open_deal_since", "touched_at")),
        f"{r.time('a.created_at')} AS created_at",
        f"{r.time(r.newest('a.created_at', *since))} AS updated_at",
        "n.leads",
    ]
    counted = (
        "(SELECT account, count(*) AS leads FROM leads WHERE erased_at IS NULL AND account IS NOT "
        "NULL GROUP BY account) n"
    )
    return _select(columns, f"accounts a JOIN {counted} ON n.account = a.id")


def _offers(r: _Sqlite | _Postgresql) -> str:
    def quoted(key: str) -> str:
        return r.field("q", "o.terms", "quote.", key)

    texts = [f"{r.text(quoted(key))} AS {key}" for key in _QUOTED[:2]]
    wholes = [f"{r.whole(quoted(key))} AS {key}" for key in _QUOTED[2:]]
    reserved = f"{r.text(r.field('t', 'o.terms', '', 'reserve_currency'))} AS reserve_currency"
    traded = [f"{r.field('t', 'o.terms', '', key)} AS {key}" for key in ("gives", "gets")]
    columns = [
        *(f"o.{name}" for name in ("id", "number", "lead", "account", "rule", "policy_id")),
        *(f"o.{name}" for name in ("policy_version", "state", '"by"', "approved_by")),
        *texts,
        *wholes,
        *(f"o.{name}" for name in ("reserve_minor", "settled_minor")),
        reserved,
        *(f"o.{name}" for name in ("invoice", "declined")),
        *traded,
        *(f"{r.time(f'o.{name}')} AS {name}" for name in ("issued_at", "ends_at", "changed_at")),
    ]
    joins = (
        r.record("q", "o.terms", "quote.", _QUOTED),
        r.record("t", "o.terms", "", ("reserve_currency", "gives", "gets")),
    )
    return _select(
        columns,
        "offers o JOIN leads l ON l.id = o.lead AND l.erased_at IS NULL "
        f"{' '.join(joins)} WHERE o.undone_at IS NULL",
    )


def _facts(r: _Sqlite | _Postgresql, table: str, own: str) -> str:
    columns = [
        f"t.id, t.lead, l.account, {own}",
        f"{r.time('t.at')} AS at",
        f"{r.time('t.received_at')} AS received_at",
        *(["t.properties"] if table == "events" else []),
    ]
    return _select(columns, f"{table} t JOIN leads l ON l.id = t.lead AND l.erased_at IS NULL")


def _outcomes(r: _Sqlite | _Postgresql) -> str:
    def told(key: str) -> str:
        return r.field("f", "t.body", "", key)

    def paid(key: str) -> str:
        return r.field("m", "t.body", "amount.", key)

    columns = [
        "t.id, t.lead, l.account, t.kind",
        f"{r.time('t.at')} AS at",
        f"{r.time('t.received_at')} AS received_at",
        *(f"{r.text(told(key))} AS {key}" for key in ("reason", "plan")),
        *(f"{r.whole(told(key))} AS {key}" for key in ("seats", "term_months")),
        f"{r.yes(told('prepaid'))} AS prepaid",
        f"{r.whole(paid('minor'))} AS amount_minor",
        f"{r.text(paid('currency'))} AS currency",
        *(f"{r.text(told(key))} AS {key}" for key in ("invoice", "offer", "subscription")),
    ]
    joins = (
        r.record("f", "t.body", "", _OUTCOME_FIELDS),
        r.record("m", "t.body", "amount.", ("minor", "currency")),
    )
    return _select(
        columns,
        "outcomes t JOIN leads l ON l.id = t.lead AND l.erased_at IS NULL " + " ".join(joins),
    )


def _money(r: _Sqlite | _Postgresql) -> str:
    whole = [f"{r.whole(f't.{name}')} AS {name}" for name in ("seats", "months")]
    columns = [
        "t.id, t.lead, l.account, t.kind",
        f"{r.time('t.at')} AS at",
        f"{r.time('t.received_at')} AS received_at",
        "t.subscription, t.plan",
        *whole,
        't.minor AS amount_minor, t.currency, t.invoice, t."by"',
    ]
    return _select(
        columns, "account_ledger t JOIN leads l ON l.id = t.lead AND l.erased_at IS NULL"
    )


def _ledger(r: _Sqlite | _Postgresql) -> str:
    keys = ("rule", "policy", "by")
    told = [f'{r.text(r.field("f", "t.facts", "", key))} AS "{key}"' for key in keys]
    joined = r.record("f", "t.facts", "", keys)
    columns = ["t.number", f"{r.time('t.at')} AS at", "t.offer, t.step", *told, "t.hash"]
    return _select(columns, f"ledger t {joined}")


def _deliveries(r: _Sqlite | _Postgresql) -> str:
    columns = [
        "t.id, t.tool, t.what, t.subject, t.lead, t.state",
        f"{r.whole('t.attempts')} AS attempts",
        "t.reason",
        f"{r.time('t.due_at')} AS due_at",
        f"{r.time('t.asked_at')} AS asked_at",
    ]
    return _select(
        columns,
        "deliveries t LEFT JOIN leads l ON l.id = t.lead "
        "WHERE t.subject <> '' AND l.erased_at IS NULL",
    )


def _select(columns: list[str], source: str) -> str:
    return f"SELECT {', '.join(columns)} FROM {source}"  # noqa: S608  # names and keys of ours
