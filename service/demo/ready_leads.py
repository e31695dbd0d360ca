"""Leads that show what a rep may do: one of Ben's with an offer to make at once, and one whose
offer another must approve.

Which companies are held out, and who is whose, is for the service to say: so people sign up until
there is one of each.
"""

from __future__ import annotations

from datetime import timedelta

from service.demo.arrivals import Person, sign_up
from service.demo.caller import Caller
from service.demo.stage import Stage

_MOST = 12
_YESTERDAY = timedelta(hours=26)
_NAMES = (
    ("Nora", "Lind", "Chief Executive Officer"),
    ("Oscar", "Byrne", "VP Operations"),
    ("Helena", "Maier", "Managing Director"),
    ("Tomas", "Vidal", "CFO"),
)
_STEMS = ("Alder", "Birch", "Cobalt", "Dune", "Elm", "Fjord", "Granite", "Heath")
_TRADES = ("Logistics", "Energy", "Clinics")
_CODE = {"campaign_code": "SITE20", "partner": "sitebuilder"}


def offer_at_once(caller: Caller, stage: Stage) -> str | None:
    """The lead in Ben's queue to whom he can make an offer that nobody has to approve."""
    for number in range(_MOST):
        if (found := _first(caller, stage, "ben", is_at_once=True)) is not None:
            return found
        at = stage.runtime.clock.now() - timedelta(minutes=2)
        sign_up(caller, f"ready-{number + 1}", _person(number), at)
    return _first(caller, stage, "ben", is_at_once=True)


def ask_for_approval(caller: Caller, stage: Stage) -> str | None:
    """The lead whose rep asked for an offer that another must approve."""
    for number in range(_MOST):
        for rep, key in stage.reps.items():
            if (found := _first(caller, stage, rep, is_at_once=False)) is not None:
                caller.person("POST", f"/v1/leads/{found}/offer", key, {})
                return found
        at = stage.runtime.clock.now() - _YESTERDAY  # the campaign's rule asks for a trial day
        sign_up(caller, f"partner-{number + 1}", _person(_MOST + number), at, **_CODE)
    return None


def _first(caller: Caller, stage: Stage, rep: str, *, is_at_once: bool) -> str | None:
    """The first lead of a rep's queue who would get an offer, approved by nobody or by somebody."""
    key = stage.reps[rep]
    for item in caller.person("GET", f"/v1/reps/{rep}/queue", key)["items"]:
        path = f"/v1/leads/{item['lead_id']}/offer"
        offer = caller.person("POST", path, key, {"dry_run": True})["offer"]
        if offer is not None and (offer["approval"] == "none") == is_at_once:
            return str(item["lead_id"])
    return None


def _person(number: int) -> Person:
    """Somebody who decides, of a company of their own."""
    first, last, title = _NAMES[number % len(_NAMES)]
    stem, trade = _STEMS[number % len(_STEMS)], _TRADES[number // len(_STEMS)]
    return first, last, title, f"{stem} {trade}", "GB", 70 + 5 * (number % 7)
