"""Figures of all accounts: rates by a group, how orders were served, what channels bring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, cast

from service.console.filters import not_understood
from service.console.page_context import PageContext
from service.console.table import Column, Table
from service.console.words import country_name, plain
from service.domain.days import day_in
from service.domain.modes import MODES
from service.domain.rates import BYS, By, Window
from service.use_cases.tx import Tx
from service.use_cases.views import figures

_RATES = (
    Column("group", "Group", "name", shown="group_said"),
    Column("rate", "Rate", "name"),
    Column("share", "Share", "percent"),
    Column("numerator", "Of them", "number"),
    Column("denominator", "Accounts", "number"),
    Column("low", "At least", "percent"),
    Column("high", "At most", "percent"),
    Column("top_objection", "Top objection", shown="objection"),
)
_MODES = (
    Column("month", "Month", "name"),
    Column("mode", "Served", "name", shown="served"),
    Column("orders", "Orders", "number"),
    Column("orders_share", "Of orders", "percent"),
    Column("customers", "Customers", "number"),
    Column("currency", "Currency"),
    Column("minor", "Revenue", "money"),
    Column("share", "Of revenue", "percent"),
)
_COUNTS = ("source", "currency", "spend_minor", "leads", "accounts", "closed_accounts", "bought")
_MINOR = ("cost_per_trial_minor", "cost_per_paying_minor")
_FIGURES = (
    *("mean_score", "conversion", "conversion_shrunk", "rank", "payback_months", "churn"),
    *_MINOR,
)
_CHANNELS = (
    Column("source", "Channel", "name"),
    Column("spend_minor", "Spent", "money"),
    Column("leads", "Leads", "number"),
    Column("mean_score", "Mean chance", "percent"),
    Column("accounts", "Accounts", "number"),
    Column("closed_accounts", "Closed", "number"),
    Column("bought", "Bought", "number"),
    Column("conversion", "Conversion", "percent"),
    Column("conversion_shrunk", "Adjusted", "percent"),
    Column("rank", "Rank", shown="rank_said"),
    Column("cost_per_trial_minor", "A trial costs", "money"),
    Column("cost_per_paying_minor", "A customer costs", "money"),
    Column("payback_months", "Months to earn it", shown="payback_months_said"),
    Column("churn", "Left", "percent"),
)
_DAY = timedelta(days=1)
_MEANING = (
    "Coverage: target accounts that signed up. Conversion: paying, of those old enough to have "
    "decided. Repeat: renewed, of those due. Penetration: seats in use, of those they could need. "
    "From at least to at most is the 95% interval."
)


def page(look: PageContext) -> dict[str, Any]:
    """What the figures' page shows: `?by=country&from=2026-01-01&to=2026-12-31`."""
    first, last = _range(look)
    return {
        "by": _by(look),
        "bys": [by for by in BYS if by != "rep" or _may_name_reps(look)],
        "wrong": not_understood(
            _misread(look), f"Shown is {_by(look)}, from {first:%-d %B %Y} to {last:%-d %B %Y}."
        ),
        "first": first,
        "last": last,
        "rates": _with_accounts(rates(look)),
        "modes": modes(look),
        "channels": channels(look),
    }


def _with_accounts(told: Table) -> Table:
    """Without the rates that no account has a part in yet; its files have them."""
    return replace(told, rows=[row for row in told.rows if row["denominator"]])


def rates(look: PageContext) -> Table:
    """The rates of each group, and of all: `?by=&from=&to=`."""
    by = _by(look)
    found, at = _recent(
        look, ("rates", by), lambda tx: figures.rates_view(tx, by, _window(look, tx))
    )
    rows = []
    for group, rate, numerator, denominator, low, high, objection in figures.rates_csv(found):
        rows.append(
            {
                "group": group,
                "group_said": country_name(group) if by == "country" else group,
                "rate": rate,
                "share": numerator / denominator if denominator else None,
                "numerator": numerator,
                "denominator": denominator,
                "low": low if denominator else None,
                "high": high if denominator else None,
                "top_objection": objection,
                "objection": plain(objection or ""),
            }
        )
    return Table(
        name="rates",
        title=f"Rates by {by}",
        columns=_RATES,
        rows=rows,
        empty="No account signed up in this time.",
        note=_MEANING,
        counted_at=at,
        asked=_asked(look) | {"by": by},
    )


def modes(look: PageContext) -> Table:
    """Orders, customers and revenue by how they were served: `?from=&to=`."""
    found, at = _recent(look, ("modes",), lambda tx: figures.modes_view(tx, _window(look, tx)))
    rows = []
    for month in found["months"]:
        for mode in MODES:
            served = month[mode]
            for revenue in served["revenue"] or [{"currency": None, "minor": None, "share": None}]:
                named = {"month": month["month"], "mode": mode, "served": mode.replace("_", "-")}
                rows.append(named | served | revenue)
    return Table(
        name="modes",
        title="How orders were served",
        columns=_MODES,
        rows=rows,
        empty="No order in this time.",
        note="Manual: a rep recorded the order. Semi-automatic: somebody spoke with them in the 90 "
        "days before, and they bought by themselves. Automatic: nobody did.",
        counted_at=at,
        asked=_asked(look),
    )


def channels(look: PageContext) -> Table:
    """What each channel brought and cost so far."""
    found, at = figures.recent(_tx(look), "channels", figures.channels_view)
    rows = []
    for told in found["channels"]:
        values = {name: told[name] and told[name]["value"] for name in _FIGURES}
        row = {name: told[name] for name in _COUNTS} | values
        said = ("payback_months", "rank")
        rows.append(row | {f"{name}_said": _one_decimal(values[name]) for name in said})
    return Table(
        name="channels",
        title="Channels",
        columns=_CHANNELS,
        rows=[row | {name: _whole(row[name]) for name in _MINOR} for row in rows],
        empty="No sign-up named where it came from (utm_source).",
        note=f"{found['note'][:1].upper()}{found['note'][1:]}. All is counted, but for the "
        "adjusted conversion and the rank, which pull channels of few accounts towards the common "
        f"share. Closed: old enough to have bought ({found['closed_after_days']} days). Costs come "
        "by PUT /v1/channels/SOURCE/costs.",
        counted_at=_if_past(look, at),
    )


def _whole(minor: float | None) -> int | None:
    return None if minor is None else round(minor)


def _one_decimal(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def _by(look: PageContext) -> By:
    """The group asked for; countries, where none or none of ours is, or reps are not agreed."""
    asked = look.asked.get("by")
    known = asked in BYS and (asked != "rep" or _may_name_reps(look))
    return cast(By, asked) if known else "country"


def _misread(look: PageContext) -> dict[str, str]:
    """What is asked for and cannot be: a group that there is none of, a text that is no day."""
    told = {name: look.asked.get(name, "") for name in ("by", "from", "to")}
    return {
        name: value
        for name, value in told.items()
        if value and (_by(look) != value if name == "by" else _day(value) is None)
    }


def _may_name_reps(look: PageContext) -> bool:
    return look.runtime.settings.names_reps(look.now.date())


def _range(look: PageContext) -> tuple[date, date]:
    """First and last day, as asked; a year, where they are no days."""
    today = day_in(look.now, look.runtime.policy.timezone)
    last = _day(look.asked.get("to")) or today
    first = _day(look.asked.get("from")) or last - timedelta(days=364)
    return min(first, last), last


def _day(text: str | None) -> date | None:
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        return None
    return day if day is not None and 1900 <= day.year < 2200 else None


def _asked(look: PageContext) -> dict[str, str]:
    first, last = _range(look)
    return {"from": first.isoformat(), "to": last.isoformat()}


def _recent(
    look: PageContext, asked: tuple[str, ...], count: Callable[[Tx], dict[str, Any]]
) -> tuple[dict[str, Any], datetime | None]:
    """What is counted of the days asked for, and as of when, where that is not now."""
    found, at = figures.recent(_tx(look), (*asked, *_range(look)), count)
    return found, _if_past(look, at)


def _if_past(look: PageContext, at: datetime) -> datetime | None:
    return None if at == look.now else at


def _tx(look: PageContext) -> Tx:
    return Tx(look.connection, look.runtime, look.now)


def _window(look: PageContext, tx: Tx) -> Window:
    first, last = _range(look)
    return figures.window_of(tx, first, last + _DAY)
