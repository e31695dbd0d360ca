"""The read-only views and what is promised of them: `docs/connect/warehouse.md` lists the same.

A column stays, with its name, type and meaning; new ones come at a view's end. They show nobody
who was erased, and neither secrets nor bodies of calls.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa


class ViewTime(sa.TypeDecorator[datetime]):
    """An instant: `timestamptz` on PostgreSQL, on SQLite text (RFC 3339, six decimals, Z)."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        return sa.Text() if dialect.name == "sqlite" else sa.DateTime(timezone=True)

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        return None if value is None else value.astimezone(UTC)


TEXT, WHOLE, YES_NO, TIME = sa.Text(), sa.BigInteger(), sa.Boolean(), ViewTime()
REAL: sa.Double[float] = sa.Double()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One view: the column by which a row is known, and the one that says when it changed."""

    name: str
    key: str
    changed: str
    table: sa.TableClause

    @property
    def columns(self) -> dict[str, sa.types.TypeEngine[Any]]:
        """The columns with their types, in their order."""
        return {column.name: column.type for column in self.table.columns}


def _view(name: str, changed: str, columns: dict[str, Any], key: str = "id") -> View:
    table = sa.table(f"giveget_{name}", *(sa.column(n, type_) for n, type_ in columns.items()))
    return View(name=name, key=key, changed=changed, table=table)


def _texts(*names: str) -> dict[str, Any]:
    return dict.fromkeys(names, TEXT)


def _wholes(*names: str) -> dict[str, Any]:
    return dict.fromkeys(names, WHOLE)


def _times(*names: str) -> dict[str, Any]:
    return dict.fromkeys(names, TIME)


_OF_LEAD = _texts("id", "lead", "account")
_WHEN = _times("at", "received_at")
VIEWS = {
    view.name: view
    for view in (
        _view(
            "leads",
            "updated_at",
            _texts("id", "account", "email", "phone", "first_name", "last_name", "title")
            | _texts("company", "website", "country", "region", "timezone", "locale", "plan")
            | _wholes("seats")
            | _texts("campaign_code", "partner")
            | _times("signed_up_at", "received_at", "trial_started_at", "trial_ends_at")
            | _texts("utm_source", "utm_medium", "utm_campaign", "attributes")
            | dict.fromkeys(("do_not_email", "do_not_call", "do_not_profile"), YES_NO)
            | dict.fromkeys(("probability", "points"), REAL)
            | _texts("grade", "lane", "unreached", "rep", "outcome")
            | _times("outcome_at", "updated_at"),
        ),
        _view(
            "accounts",
            "updated_at",
            _texts("id", "rep")
            | _times("paying_since", "open_deal_since", "touched_at", "created_at", "updated_at")
            | _wholes("leads"),
        ),
        _view(
            "offers",
            "changed_at",
            _texts("id")
            | _wholes("number")
            | _texts("lead", "account", "rule", "policy_id", "policy_version", "state", "by")
            | _texts("approved_by", "plan", "currency")
            | _wholes("seats", "term_months", "list_minor", "net_minor", "cost_minor")
            | _wholes("reserve_minor", "settled_minor")
            | _texts("reserve_currency", "invoice", "declined", "gives", "gets")
            | _times("issued_at", "ends_at", "changed_at"),
        ),
        _view("events", "received_at", _OF_LEAD | _texts("name") | _WHEN | _texts("properties")),
        _view("touches", "received_at", _OF_LEAD | _texts("kind", "by") | _WHEN),
        _view(
            "outcomes",
            "received_at",
            _OF_LEAD
            | _texts("kind")
            | _WHEN
            | _texts("reason", "plan")
            | _wholes("seats", "term_months")
            | {"prepaid": YES_NO, "amount_minor": WHOLE}
            | _texts("currency", "invoice", "offer", "subscription"),
        ),
        _view(
            "money",
            "received_at",
            _OF_LEAD
            | _texts("kind")
            | _WHEN
            | _texts("subscription", "plan")
            | _wholes("seats", "months", "amount_minor")
            | _texts("currency", "invoice", "by"),
        ),
        _view(
            "ledger",
            "at",
            _wholes("number")
            | _times("at")
            | _texts("offer", "step", "rule", "policy", "by", "hash"),
            key="number",
        ),
        _view(
            "deliveries",
            "asked_at",
            _texts("id", "tool", "what", "subject", "lead", "state")
            | _wholes("attempts")
            | _texts("reason")
            | _times("due_at", "asked_at"),
        ),
    )
}
