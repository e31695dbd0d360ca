"""A customer's team in the demo: its admin ordered a report for their boss, and one is made."""

from __future__ import annotations

from datetime import datetime, timedelta

from service.demo.caller import Caller
from service.demo.stage import Stage
from service.store.leads import leads
from service.use_cases.reports.making import make_due
from service.use_cases.reports.ordering import order_report
from service.use_cases.tx import Tx, transact_now

DOMAIN = "harbor-foods.example"
_PEOPLE = (
    ("Maya", "Okafor", "Head of Operations"),  # the admin
    ("Jonas", "Weber", "CEO"),  # the boss
    ("Lena", "Fischer", "Planner"),
    ("Tom", "Reyes", "Planner"),
    ("Ines", "Costa", "Buyer"),
    ("Pavel", "Novak", "Warehouse Lead"),
    ("Aiko", "Mori", "Analyst"),
)
_DID = ("Signed in", "Order planned", "Report exported", "Colleague invited")
_SIX_WEEKS = timedelta(days=42)
_DAYS = 75
"""Of their work, so that the month before the last one has figures too."""


def order_and_report(caller: Caller, stage: Stage) -> None:
    """Seven people who work with the product, the order of their admin, and its first report."""
    now = stage.runtime.clock.now()
    for number, (first, last, title) in enumerate(_PEOPLE):
        caller.signed(
            "/v1/signups",
            {
                "id": _id(number),
                "email": f"{first.lower()}@{DOMAIN}",
                "first_name": first,
                "last_name": last,
                "title": title,
                "locale": "en",
                "signed_up_at": (now - timedelta(days=_DAYS)).isoformat(),
            },
        )
    events = _events(now)
    for first_of in range(0, len(events), 200):
        caller.signed("/v1/events", {"events": events[first_of : first_of + 200]})
    order = transact_now(
        stage.runtime,
        lambda tx: order_report(
            tx.at(now - _SIX_WEEKS),
            _ref(tx, 0),
            DOMAIN,
            addresses=[f"jonas@{DOMAIN}", f"lena@{DOMAIN}"],
            every="month",
        ),
    )
    transact_now(stage.runtime, lambda tx: make_due(tx, order.id))


def links(stage: Stage) -> tuple[str, str]:
    """The admin's page, where the report is ordered, and a colleague's."""
    now, made = stage.runtime.clock.now(), stage.runtime.links
    admin, colleague = (
        transact_now(stage.runtime, lambda tx, number=number: _ref(tx, number))  # type: ignore[misc]  # bound at once
        for number in (0, 2)
    )
    return made.report_order(admin, DOMAIN, now), made.report(colleague)


def _events(now: datetime) -> list[dict[str, str]]:
    """Each working day each person does a few things, more of them as the weeks go by."""
    events = []
    for day in range(_DAYS, 0, -1):
        at = (now - timedelta(days=day)).replace(minute=0, second=0, microsecond=0)
        if at.isoweekday() > 5:
            continue
        for number in range(len(_PEOPLE)):
            done = 1 + (day * 7 + number * 3) % 3 + (day < _DAYS // 2)
            for time in range(done):
                name = _DID[(day + number + time * time) % len(_DID)]
                id = f"boss-{day}-{number}-{time}"
                when = (at + timedelta(minutes=number + time)).isoformat()
                events.append({"id": id, "lead_id": _id(number), "name": name, "at": when})
    return events


def _id(number: int) -> str:
    return f"harbor-{number}"


def _ref(tx: Tx, number: int) -> str:
    lead = leads.find(tx.connection, _id(number))
    assert lead is not None
    return lead.pseudonym
