"""A lead: what happened, how its score moved and why, its colleagues, and what it would get."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from offers.terms import Terms
from service.console import call_backs, people, promise
from service.console.accepted import accepted_of
from service.console.activity import deeds
from service.console.bars import bars_of
from service.console.curve import Curve, curve_of
from service.console.gain_words import gain_said, is_worth_it
from service.console.offer_words import state_said
from service.console.page_context import PageContext
from service.console.reach import reach_of
from service.console.score_words import score_words
from service.console.table import Column, Table
from service.console.undoable import undoable
from service.console.words import TOUCHES, language_said, plain
from service.domain.lead import StoredLead
from service.domain.spoken_language import language_of
from service.errors import NotFound
from service.mail.brand import brand_of
from service.mail.context import hand_of, locale_of_lead, mail_context
from service.mail.render import render
from service.store.leads import facts
from service.store.queue import objections
from service.use_cases.leads.buying_role import buying_role_of
from service.use_cases.leads.visibility import visible
from service.use_cases.views import lead_timeline

_SHOWN_SCORES = 10
_SCORES = (
    Column("at", "When", "time"),
    Column("grade", "Grade", "grade"),
    Column("points", "Points", "points"),
    Column("probability", "Converts", "percent"),
    Column("gained", "Change", "points"),
    Column("because", "What changed", "long"),
    Column("model", "Model"),
)
_TIMELINE = (
    Column("at", "When", "time"),
    Column("what", "What", "state"),
    Column("detail", "Detail"),
)


def page(look: PageContext, lead: str) -> dict[str, Any]:
    """What a lead's page shows. Raises NotFound, NotAllowed."""
    seen = lead_timeline.view(look.connection, lead, look.caller)
    stored = visible(look.connection, lead, look.caller)
    granted = None if seen["score"] is None else promise.dry_run(look, stored)
    terms = None if granted is None else granted["offer"]
    called = people.hands(look)
    return {
        "lead": stored,
        "person": people.named(stored),
        "rep_name": called(stored.rep),
        "to_call": call_backs.to_call(look, stored),
        "clock": people.clock_of(look, stored),
        "language": language_said(language_of(stored.record)),
        "accepted": accepted_of(look, stored.id),
        "seen": seen,
        "score": seen["score"],
        "bars": None if seen["score"] is None else bars_of(seen["score"]),
        "touches": TOUCHES,
        "gain_said": gain_said(look, stored),
        "is_worth_it": is_worth_it(stored),
        "reached_by": reach_of(look, stored),
        "undoable": undoable(look, stored),
        "told": None if seen["score"] is None else score_words(seen["score"]),
        "did": deeds(facts.events_of(look.connection, stored.id), look.now),
        "curve": _curve(look, seen["score_history"]),
        "scores": _scores(stored.id, seen["score_history"], _SHOWN_SCORES),
        "timeline": _in_words(seen, called)[::-1],
        "timeline_table": _timeline(stored.id, seen["timeline"]),
        "colleagues": people.colleagues(look, stored),
        "spoken": people.spoken(look, stored.id),
        "objections": objections.listed(look.connection),
        "granted": granted,
        "limits": promise.limits(look),
        "code_url": _code_url(look, stored.pseudonym),
        "letter": _letter(look, stored, terms),
        "ready": promise.words_for(look, stored, terms),
    }


def _curve(look: PageContext, history: Sequence[dict[str, Any]]) -> Curve | None:
    """The scores as a line; one score alone is none."""
    points = [(datetime.fromisoformat(s["at"]), 100 * s["probability"]) for s in history]
    return curve_of(points, look.now.date()) if len(points) > 1 else None


def _in_words(seen: dict[str, Any], called: people.Called) -> list[dict[str, Any]]:
    """The timeline, offers by their numbers, reps by their names, codes as words."""
    numbers = {offer["id"]: f"No. {offer['number']}" for offer in seen["offers"]}

    nos = {offer["id"]: offer["declined"] for offer in seen["offers"] if offer["declined"]}

    def said(line: dict[str, Any]) -> dict[str, Any]:
        told = str(line["detail"])
        if line["what"] == "offer_withdrawn" and told in nos:
            reason = state_said("withdrawn", nos[told])
            return line | {"what": "offer", "detail": f"{numbers[told]} {reason}"}
        if line["what"] == "claimed":
            return line | {"detail": f"by {called(told)}"}
        return line | {"detail": numbers.get(told) or plain(told)}

    return [said(line) for line in seen["timeline"]]


def _code_url(look: PageContext, ref: str) -> str | None:
    """Where the lead presents a campaign code, if the policy has a rule for one."""
    asks = any(
        get.kind == "campaign_code" for rule in look.runtime.policy.rules for get in rule.gets
    )
    return look.runtime.links.code(ref, look.now) if asks else None


def scores(look: PageContext) -> Table:
    """A lead's scores as a table: `?lead=`."""
    lead = _asked(look)
    return _scores(lead, lead_timeline.view(look.connection, lead, look.caller)["score_history"])


def timeline(look: PageContext) -> Table:
    """What happened to a lead as a table: `?lead=`."""
    lead = _asked(look)
    return _timeline(lead, lead_timeline.view(look.connection, lead, look.caller)["timeline"])


def _asked(look: PageContext) -> str:
    lead = look.asked.get("lead")
    if not lead:
        raise NotFound("unknown_lead", "name one: ?lead=")
    return lead


def _scores(lead: str, history: Sequence[dict[str, Any]], most: int | None = None) -> Table:
    rows = []
    for each in list(reversed(history))[:most]:
        changed = each["changed"]
        moved = [] if changed is None else changed["reasons"]
        because = [f"{r['caption']} {r['points']:+.2f}" for r in moved[:4]]
        if len(moved) > len(because):
            because.append(f"{len(moved) - 4} more")
        if changed is not None and changed["another_model"]:
            because.append("another model")
        rows.append(
            {
                "at": datetime.fromisoformat(each["at"]),
                "grade": each["grade"],
                "points": each["points"],
                "probability": each["probability"],
                "gained": None if changed is None else changed["points"],
                "because": ", ".join(because) or ("first score" if changed is None else "nothing"),
                "model": each["model"],
            }
        )
    return Table(
        name="scores",
        title="What changed between scores",
        columns=_SCORES,
        rows=rows,
        empty="Not scored.",
        asked={"lead": lead},
        note="" if len(rows) == len(history) else f"The newest {len(rows)} of {len(history)}.",
    )


def _timeline(lead: str, lines: Sequence[dict[str, Any]]) -> Table:
    rows = [line | {"at": datetime.fromisoformat(line["at"])} for line in reversed(lines)]
    return Table(
        name="timeline",
        title="Timeline",
        columns=_TIMELINE,
        rows=rows,
        empty="Nothing happened yet.",
        asked={"lead": lead},
    )


def _letter(look: PageContext, lead: StoredLead, terms: Terms | None) -> dict[str, str] | None:
    """The mail that the offer it would get would go out with, its links not yet made."""
    if terms is None or terms.email is None:
        return None
    settings, tongue = look.runtime.settings, locale_of_lead(lead)
    brand = brand_of(settings)
    letter = render(
        terms.email,
        mail_context(
            tongue=tongue,
            terms=terms,
            number=0,
            record=lead.record,
            offer_url=f"{settings.public_url}/o/{quote('…')}",
            unsubscribe_url=f"{settings.public_url}/u/{quote('…')}",
            signature=hand_of(settings.mail_from, None, tongue).signature,
            postal_address=settings.mail_postal_address,
            brand=brand,
            role=buying_role_of(look.connection, lead),
        ),
        tongue,
        brand,
        settings.emails,
    )
    return {"subject": letter.subject, "text": letter.text}
