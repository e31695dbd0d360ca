"""A store of a million leads of as many accounts, with what happened to them, filled by SQL.

BENCH_LEADS sets another number of leads, BENCH_ACCOUNTS another number of accounts.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from service.db.tables.accounts import account_ledger, channel_costs, targets
from service.db.tables.leads import (
    claims,
    lane_changes,
    leads,
    offers,
    outcomes,
    queue,
    redemptions,
    search_terms,
    touches,
)
from tests.bench.many_leads import NOW, REPS, Looks

LEADS = int(os.environ.get("BENCH_LEADS", "1000000"))
ACCOUNTS = int(os.environ.get("BENCH_ACCOUNTS", str(LEADS)))
_AT_ONCE = 20_000
_DAYS = 365
_FIRST = ("ines", "jonas", "amelia", "mateo", "olga", "daniel", "priya", "lars", "camille", "wei")
_LAST = 5_000
_COUNTRIES, _SOURCES = ("de", "br", "us", "fr", "tr"), ("google", "partner", "linkedin")
_LANES = ("rep", "offer", "self_serve", "self_serve", "self_serve")
_GRADES = tuple(f"{fit}{activity}" for fit in "ABCD" for activity in (1, 2, 3, 4))
_OBJECTIONS = ("price", "timing", "missing_feature")
_TARGETS = 5_000
_TERMS = json.dumps(
    {
        "policy_id": "default",
        "policy_version": "v",
        "rule": "annual-prepay",
        "why": "Money now is worth more than money later.",
        "email": None,
        "gives": {"extra_months": 1},
        "gets": {"prepay": True},
        "quote": None,
        "reserve_minor": 5_000,
        "reserve_currency": "USD",
        "ends_at": "2026-12-01T00:00:00Z",
        "timezone": "UTC",
        "sentence": "One month more for a year that is paid at once.",
    }
)


def fill(connection: sa.Connection, looks: Looks) -> None:
    """Leads that say of themselves what this one says, under names of their own.

    Only the newest and those of one rep have a score with its reasons.
    """
    few = {"fields", "attributes", "known_at", "stamps", "ranks"}
    record, contact = json.loads(looks.record), json.loads(looks.contact)
    bare = {name: {} if name in few else value for name, value in record.items()}
    for start in range(0, LEADS, _AT_ONCE):
        numbers = range(start, min(LEADS, start + _AT_ONCE))
        sold, offered = [n for n in numbers if _is_sold(n)], [n for n in numbers if n % 25 == 1]
        connection.execute(leads.insert(), [_lead(n, bare, contact, looks.score) for n in numbers])
        connection.execute(queue.insert(), [_place(n) for n in numbers if _lane(n) == "rep"])
        connection.execute(claims.insert(), [_claim(n) for n in numbers[::10]])
        connection.execute(touches.insert(), [_touch(n) for n in numbers[::10]])
        connection.execute(lane_changes.insert(), [_change(n) for n in numbers[::5]])
        connection.execute(account_ledger.insert(), [e for n in sold for e in _entries(n)])
        connection.execute(outcomes.insert(), [_outcome(n) for n in sold])
        connection.execute(offers.insert(), [_offer(n) for n in offered])
        connection.execute(redemptions.insert(), [_redemption(n) for n in offered if _is_sold(n)])
        words = [{"lead": f"lead-{n}", "term": term} for n in numbers for term in _terms(n)]
        connection.execute(search_terms.insert(), words)
    aimed = [
        {"account": _account(n * 7), "country": None, "segment": None, "rep": None, "seats": 20}
        for n in range(min(_TARGETS, ACCOUNTS // 7))
    ]
    connection.execute(targets.insert(), aimed)
    spent = [
        {"source": source, "month": f"2026-{month:02}", "minor": 900_000, "currency": "USD"}
        for source in _SOURCES
        for month in range(1, 11)
    ]
    connection.execute(channel_costs.insert(), spent)


def _lane(number: int) -> str:
    return _LANES[number % len(_LANES)]


def _is_sold(number: int) -> bool:
    return number % 11 == 0


def _at(number: int) -> datetime:
    return NOW - timedelta(seconds=number * _DAYS * 86_400 / LEADS)


def _account(number: int) -> str:
    return f"firm{number % ACCOUNTS}.example"


def _country(number: int) -> str:
    return _COUNTRIES[number // 7 % len(_COUNTRIES)]


def _source(number: int) -> str:
    return _SOURCES[number // 3 % len(_SOURCES)]


def _terms(number: int) -> tuple[str, ...]:
    first, last = _FIRST[number % len(_FIRST)], f"last{number % _LAST}"
    company = f"firm{number % ACCOUNTS}"
    return first, last, company, f"country:{_country(number)}", f"source:{_source(number)}"


def _lead(
    number: int, record: Mapping[str, Any], contact: Mapping[str, Any], score: str
) -> dict[str, Any]:
    at, is_sold = _at(number), _is_sold(number)
    first, last, company, *_ = _terms(number)
    fields = {"first_name": first.title(), "last_name": last, "company": company}
    told = {
        "fields": fields,
        "source": {"utm_source": _source(number)},
        "attributes": {"segment": ("small", "middle", "large")[number % 3]},
    }
    lane, rep = _lane(number), f"rep-{number // 5 % REPS}"
    return {
        "id": f"lead-{number}",
        "ref": f"{number:016x}",
        "account": _account(number),
        "record": json.dumps({**record, **told}),
        "contact": json.dumps({**contact, "country": _country(number).upper()}),
        "received_at": at,
        "moment": at,
        "score": score if number < 2_000 or rep == "rep-7" else '{"probability":0.1,"reasons":[]}',
        "hundredths": -4_000 + number % 3_000,
        "grade": _GRADES[number % len(_GRADES)],
        "scored_at": at,
        "gain_minor": 10_000,
        "minutes": 15,
        "worth": 6.5,
        "hot_at": at,
        "lane": lane,
        "lane_why": "[]",
        "unreached": "no_eligible_rep" if number % 97 == 0 and lane == "self_serve" else None,
        "rep": rep if lane == "rep" else None,
        "credit": rep if lane == "rep" else None,
        "touched_at": at + timedelta(days=1) if number % 10 == 0 else None,
        "outcome": "converted" if is_sold else None,
        "outcome_at": at + timedelta(days=5) if is_sold else None,
    }


def _place(number: int) -> dict[str, Any]:
    return {
        "lead": f"lead-{number}",
        "rep": f"rep-{number // 5 % REPS}",
        "state": "waiting",
        "priority": (number * 7919 % 1_000_003) / 1000,
        "gain_minor": 10_000,
        "minutes": 15,
        "due_at": NOW + timedelta(minutes=1 + number % 5000),
        "version": 0,
        "entered_at": NOW,
        "returned": 0,
        "assigned_at": NOW,
        "passed_by": "[]",
    }


def _claim(number: int) -> dict[str, Any]:
    at = _at(number)
    return {
        "id": f"claim-{number}",
        "lead": f"lead-{number}",
        "rep": f"rep-{number % REPS}",
        "claimed_at": at,
        "due_at": at + timedelta(minutes=5),
        "ended_at": at,
        "ended": "done",
        "disposition": "reached",
        "objection": _OBJECTIONS[number % 3] if number % 20 == 0 else None,
        "minutes": 15,
        "gain_minor": 10_000,
    }


def _touch(number: int) -> dict[str, Any]:
    at = _at(number) + timedelta(days=1)
    told = {"id": f"touch-{number}", "lead": f"lead-{number}", "kind": "call", "by": "rep-7"}
    return {**told, "at": at, "received_at": at}


def _change(number: int) -> dict[str, Any]:
    name = "assigned" if number % 2 else "unclaimed"
    return {"lead": f"lead-{number}", "transition": name, "lane": "rep", "at": _at(number)}


def _entries(number: int) -> list[dict[str, Any]]:
    """A month that was paid, mostly also a second, and seldom an end."""
    kinds = ["converted", *(["renewed"] if number % 2 else []), *(["churned"] * (number % 5 == 0))]
    return [
        {
            "id": f"entry-{number}-{place}",
            "lead": f"lead-{number}",
            "kind": kind,
            "at": _at(number) + timedelta(days=5 + 30 * place),
            "received_at": _at(number) + timedelta(days=5 + 30 * place),
            "seats": 5 if kind == "converted" else None,
            "months": 1,
            "minor": None if kind == "churned" else 49_900,
            "currency": None if kind == "churned" else "USD",
            "invoice": None if kind == "churned" else f"I-{number}-{place}",
            "by": "rep-7" if kind == "converted" and number % 33 == 0 else None,
        }
        for place, kind in enumerate(kinds)
    ]


def _outcome(number: int) -> dict[str, Any]:
    at = _at(number) + timedelta(days=5)
    told = {"id": f"outcome-{number}", "lead": f"lead-{number}", "kind": "converted"}
    return {**told, "at": at, "received_at": at, "body": '{"seats":5}'}


def _offer(number: int) -> dict[str, Any]:
    is_sold, at = _is_sold(number), _at(number)
    return {
        "id": f"offer-{number}",
        "number": number + 1_000,
        "code": f"CODE-{number}",
        "lead": f"lead-{number}",
        "account": _account(number),
        "rule": "annual-prepay",
        "policy_id": "default",
        "policy_version": "v",
        "terms": _TERMS,
        "state": "redeemed" if is_sold else "expired",
        "by": "policy",
        "invoice": f"I-{number}-0" if is_sold else None,
        "reserve_minor": 5_000,
        "settled_minor": 4_000 if is_sold else None,
        "declined": _OBJECTIONS[number % 3] if number % 50 == 1 and not is_sold else None,
        "issued_at": at,
        "ends_at": at + timedelta(days=14),
        "changed_at": at + timedelta(days=5),
    }


def _redemption(number: int) -> dict[str, Any]:
    at = _at(number) + timedelta(days=5)
    told = {"offer": f"offer-{number}", "account": _account(number), "source": "orders"}
    return {**told, "invoice": f"I-{number}-0", "at": at}
