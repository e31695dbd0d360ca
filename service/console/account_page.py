"""An account: who decides, what is missing, how far it is, what it paid and may still pay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, get_args

from service.console import people, usage_report
from service.console.page_context import PageContext
from service.console.table import Column, Table
from service.console.words import TOUCHES, money, plain
from service.domain.committee import STANCES, Role
from service.errors import NotFound
from service.mail.offer_words import first_up
from service.store.leads import leads
from service.use_cases.tx import Tx
from service.use_cases.views.account_map import account_map
from service.use_cases.views.account_page import account_view

_SURE = ((0.9, "certain"), (0.6, "likely"), (0.0, "a guess"))
_PEOPLE = (
    Column("grade", "Grade", "grade"),
    Column("lead", "Person", "name", link="/leads/{lead}", shown="name"),
    Column("title", "Title"),
    Column("state", "Route", "state"),
    Column("rep", "Rep", "name", shown="rep_name"),
    Column("signed_up_at", "Signed up", "time"),
    Column("touched_at", "Last contact", "time"),
)
_ENTRIES = (
    Column("at", "When", "time"),
    Column("kind", "What", "state"),
    Column("plan", "Plan"),
    Column("seats", "Seats", "number"),
    Column("months", "Months", "number"),
    Column("minor", "Amount", "money"),
    Column("invoice", "Invoice"),
    Column("subscription", "Subscription"),
)


def page(look: PageContext, account: str) -> dict[str, Any]:
    """What an account's page shows. Raises NotFound, NotAllowed."""
    tx = Tx(look.connection, look.runtime, look.now)
    seen = account_view(tx, account, look.caller)
    account = seen["account"]
    found = account_map(tx, account, look.caller)
    ids = [person["lead_id"] for person in seen["people"]]
    named = {each.id: people.named(each) for each in leads.some(look.connection, ids)}
    mine = {lead for lead in ids if people.may_open(look, lead)}
    members = {m["lead_id"]: m | {"may_open": m["lead_id"] in mine} for m in found["people"]}
    following = found["next"]
    return {
        "account": account,
        "company": next((each["company"] for each in named.values() if each["company"]), None),
        "seen": seen,
        "chance": _chance(seen["score"], named),
        "worth": _worth(seen["value"]),
        "worth_why": _sentence(seen["value_why"]),
        "roles": [
            {
                "role": role["role"],
                "why": role["why"],
                "is_missing": role["role"] in found["missing"],
                "people": [_member(members[lead], named) for lead in role["people"]],
            }
            for role in found["roles"]
        ],
        "unknown": [_member(m, named) for m in members.values() if m["role"] is None],
        "missing": found["missing"],
        "next": following,
        "next_name": None if following is None else _name(named, following["lead_id"]),
        "people": _people(look, account, seen["people"]),
        "role_names": get_args(Role),
        "mine": mine,
        "touches": TOUCHES,
        "stances": STANCES,
        "sums": [
            {name: money(each[f"{name}_minor"], each["currency"]) for name in _SUMS}
            for each in seen["money"]["sums"]
        ],
        "holds": _holds(seen["money"]),
        "since": _time(seen["money"]["customer_since"]),
        "paid_until": _time(seen["money"]["ends_at"] or seen["money"]["paid_until"]),
        "entries": _entries(account, seen["money"]["entries"]),
        "report": usage_report.shown(seen["report"], named),
    }


_SUMS = ("paid", "refunded", "kept")


def entries(look: PageContext) -> Table:
    """An account's ledger as a table: `?account=`. Raises NotFound, NotAllowed."""
    account, seen = _asked(look)
    return _entries(account, seen["money"]["entries"])


def members(look: PageContext) -> Table:
    """An account's people as a table: `?account=`. Raises NotFound, NotAllowed."""
    account, seen = _asked(look)
    return _people(look, account, seen["people"])


def _asked(look: PageContext) -> tuple[str, dict[str, Any]]:
    account = look.asked.get("account")
    if not account:
        raise NotFound("unknown_account", "name one: ?account=")
    tx = Tx(look.connection, look.runtime, look.now)
    return account, account_view(tx, account, look.caller)


def _people(look: PageContext, account: str, found: Sequence[Mapping[str, Any]]) -> Table:
    called = people.hands(look)
    rows = [
        {
            **person,
            "lead": person["lead_id"],
            "closed": not people.may_open(look, person["lead_id"]),
            "name": person["name"] or person["lead_id"],
            "state": person["outcome"] or person["lane"],
            "rep_name": called(person["rep"]),
            "signed_up_at": _time(person["signed_up_at"]),
            "touched_at": _time(person["touched_at"]),
        }
        for person in found
    ]
    return Table(
        name="members",
        title="People",
        columns=_PEOPLE,
        rows=rows,
        empty="Nobody is left here: their data was erased.",
        asked={"account": account},
    )


def _holds(money_seen: Mapping[str, Any]) -> str:
    """`Team, 10 seats`."""
    plan, seats = money_seen["plan"], money_seen["seats"]
    said = [first_up(plan.replace("_", " "))] if plan else []
    return ", ".join([*said, f"{seats:,} seats"] if seats else said)


def _entries(account: str, lines: Sequence[Mapping[str, Any]]) -> Table:
    return Table(
        name="entries",
        title="Payments and changes",
        columns=_ENTRIES,
        rows=[{**line, "at": _time(line["at"])} for line in reversed(lines)],
        empty="Nothing paid yet.",
        asked={"account": account},
    )


def _member(member: Mapping[str, Any], named: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """One person of a role: how sure, in a word, and by what."""
    sure = next(word for least, word in _SURE if member["confidence"] >= least)
    evidence = str(member["evidence"])
    return {
        "lead": member["lead_id"],
        "name": _name(named, member["lead_id"]),
        "title": member["title"],
        "sure": sure,
        "evidence": "" if evidence.startswith("title:") else plain(evidence),
        "stance": member["stance"],
        "may_open": member["may_open"],
    }


def _name(named: Mapping[str, Mapping[str, Any]], lead: str | None) -> str | None:
    return None if lead is None else str(named[lead]["name"]) if lead in named else lead


def _chance(
    score: Mapping[str, Any] | None, named: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any] | None:
    """How likely anybody buys, whose score it stands on, and the sum; nothing without a score."""
    if score is None:
        return None
    return {
        "percent": f"{score['probability']:.0%}",
        "best": score["best_lead"],
        "best_name": _name(named, score["best_lead"]),
        "base": f"{score['base_points']:+.2f}",
        "points": f"{score['points']:+.2f}",
        "reasons": [reason | {"points": f"{reason['points']:+.2f}"} for reason in score["reasons"]],
        "why": score["why"],
    }


def _sentence(words: str | None) -> str:
    """`Paid in USD, refunded in EUR: …`."""
    return "" if words is None else f"{words[0].upper()}{words[1:]}."


def _worth(value: Mapping[str, Any] | None) -> dict[str, str] | None:
    """Past, current and possible value in words; nothing of an account that never paid."""
    if value is None:
        return None
    said = {name: money(value[f"{name}_minor"], value["currency"]) for name in ("past", "current")}
    if value["potential_minor"] is None:
        return said | {"potential": "", "method": str(value["method"])}
    low, high = (
        money(value[name], value["currency"], whole=True) for name in ("low_minor", "high_minor")
    )
    likely = money(value["potential_minor"], value["currency"], whole=True)
    return said | {"potential": f"about {likely} ({low} to {high})", "method": str(value["method"])}


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
