"""A rep takes back how they just ended a claim, while nothing came of it; they hold it again.

`stands` is what a claim's end changes, `remember` keeps it with the claim, by pseudonyms; `undo`
refuses in a sentence once anything else was done with the lead.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from service.domain.lead import StoredLead
from service.domain.lead_record import time_text, to_text
from service.domain.screening import heard, heard_from
from service.errors import Conflict, NotAllowed, NotFound
from service.store.leads import account_ledger, accounts, facts, leads, screenings
from service.store.offers import offers
from service.store.ops import outbox, unsent
from service.store.queue import claims, queue
from service.store.queue.claims import EndedClaim
from service.store.queue.queue import COLLEAGUE, QueueItem
from service.use_cases.leads.lead_context import open_lead
from service.use_cases.leads.rescoring import rescore_and_store
from service.use_cases.offers.undo import UNDO_FOR
from service.use_cases.queue import company
from service.use_cases.tx import Tx

_SET = ("touched_at", "asked_for_rep_at", "rests_until", "outcome_at", "outcome")
"""What a disposition sets on its lead: if it stands otherwise, somebody else set it since."""
_FOLLOWS = ("lane", "lane_why_json", "unreached", "look_again_at", "credit")
"""What follows from that, and comes back with it."""
_PLACE = ("due_at", "entered_at", "assigned_at", "priority", "returned", "passed_by")
_ACCOUNT = ("touched_at", "paying_since")


def stands(tx: Tx, places: Sequence[QueueItem]) -> dict[str, Any]:
    """What the end of a claim of these places changes, the claim's own first; as JSON."""
    people = {place.lead: leads.find(tx.connection, place.lead) for place in places}
    lead = people[places[0].lead]
    assert lead is not None
    account = None if lead.account is None else accounts.find(tx.connection, lead.account)
    known = heard_from(lead.record)
    return {
        "places": {
            person.pseudonym: _told(place, _PLACE)
            for place in places
            if (person := people[place.lead]) is not None
        },
        "lead": _told(lead, (*_SET, *_FOLLOWS)),
        "account": {} if account is None else _told(account, _ACCOUNT),
        "call_back_at": _text(lead.call_back_at),
        "call_back_by": lead.call_back_by,
        "worked_at": None if known is None else _text(known.worked_at),
    }


def remember(
    tx: Tx, claim: str, before: Mapping[str, Any], after: StoredLead | None = None
) -> None:
    """Keep what stood before a claim ended; `after` is the lead that a disposition changed."""
    left = {} if after is None else _told(after, _SET)
    claims.keep_undo(tx.connection, claim, to_text({**before, "after": left}))


def undo(tx: Tx, claim: str, rep: str) -> str:
    """The lead whose claim is the rep's again, with a new lease. Raises NotFound, NotAllowed,
    Conflict."""
    ended = claims.find_ended(tx.connection, claim)
    if ended is None:
        raise NotFound("unknown_claim", "there is no such claim")
    if ended.rep != rep:
        raise NotAllowed("not_yours", "this is another rep's claim")
    if ended.ended_at is None or ended.undo is None:
        raise _cannot("this cannot be taken back, or was already")
    if tx.now - ended.ended_at > UNDO_FOR:
        raise _cannot(f"it is more than {UNDO_FOR // timedelta(minutes=1)} minutes ago")
    kept = json.loads(ended.undo)
    by_ref = {ref: leads.by_pseudonym(tx.connection, ref) for ref in kept["places"]}
    named = {ref: person.id for ref, person in by_ref.items() if person is not None}
    locked = leads.lock_all(tx.connection, named.values())
    lead = locked.get(ended.lead)
    if lead is None or lead.erased_at is not None or lead.pseudonym not in kept["places"]:
        raise _cannot("the lead was erased or joined with another since")
    _refuse_if_worked(tx, claim, ended, lead, kept)
    if lead.account is not None and company.holder_of(tx, lead, rep) is not None:
        raise _cannot("another rep has claimed a colleague of theirs since")
    if ended.ended == "done":
        lead = _as_before(tx, claim, ended, lead, kept)
    lease_until = tx.now + timedelta(seconds=tx.runtime.settings.lease_seconds)
    for ref, place in kept["places"].items():
        held = locked.get(named.get(ref, ""))
        if held is None:
            continue
        is_main = held.id == lead.id
        own = claim if is_main else f"{claim}{COLLEAGUE}{ref[-8:]}"
        if _hold(tx, held, place, rep=rep, claim=own, until=lease_until):
            company.give(tx, held, rep)
        elif is_main:
            raise _cannot("another rep has claimed the lead since")
    claims.reopen(tx.connection, claim)
    tx.audit("claim.undone", claim)
    tx.runtime.board.forget()
    again = leads.lock(tx.connection, lead.id)
    assert again is not None
    rescore_and_store(tx, open_lead(again))
    return lead.id


def _refuse_if_worked(
    tx: Tx, claim: str, ended: EndedClaim, lead: StoredLead, kept: Mapping[str, Any]
) -> None:
    """Raises Conflict where something was done with the lead since."""
    assert ended.ended_at is not None
    if claims.newest_of(tx.connection, lead.id) != claim:
        raise _cannot("another rep has claimed the lead since")
    if ended.ended == "done" and _told(lead, _SET) != kept["after"]:
        raise _cannot("somebody was in touch with the lead since, or its trial ended")
    if offers.was_made_since(tx.connection, lead.id, ended.ended_at):
        raise _cannot("an offer was made to the lead since")
    outbox.stop_beginning(tx.connection)
    if unsent.has_begun_since(tx.connection, lead.id, ended.ended_at):
        raise _cannot("a mail has left to the lead since")


def _as_before(
    tx: Tx, claim: str, ended: EndedClaim, lead: StoredLead, kept: Mapping[str, Any]
) -> StoredLead:
    """The lead as it was before its disposition, and what that wrote down taken out again."""
    assert ended.ended_at is not None
    said = f"{claim}:done"
    facts.delete_touch(tx.connection, said)
    account_ledger.delete(tx.connection, said)
    if ended.objection is not None:
        unsent.let_go_again(tx.connection, lead.id, reason="objection_heard", since=ended.ended_at)
    if lead.account is not None:
        before = {name: _time(kept["account"].get(name)) for name in _ACCOUNT}
        accounts.take_back(tx.connection, lead.account, before, set_at=ended.ended_at, now=tx.now)
    values: dict[str, Any] = {
        name: _time(value) if name.endswith(("_at", "_until")) else value
        for name, value in kept["lead"].items()
    }
    lead = lead._replace(**values)
    lead = lead.with_call_back(_time(kept.get("call_back_at")), kept.get("call_back_by"))
    if "screening" in lead.record:
        told = heard(screenings.of_lead(tx.connection, lead.id), _time(kept["worked_at"]))
        if told is not None:
            lead = lead.with_record(lead.record | {"screening": told.to_json()})
    leads.update(tx.connection, lead, tx.now)
    return lead


def _hold(
    tx: Tx, lead: StoredLead, kept: Mapping[str, Any], *, rep: str, claim: str, until: datetime
) -> bool:
    """Whether the lead's place, as it was, is held by the claim again; none that is held is."""
    times = {name: _time(kept[name]) for name in ("due_at", "entered_at", "assigned_at")}
    place = queue.find(tx.connection, lead.id)
    if place is not None:
        return place.state != "held" and queue.hold_again(
            tx.connection, place, rep=rep, claim=claim, until=until, due_at=times["due_at"]
        )
    queue.enter(
        tx.connection,
        QueueItem(
            lead=lead.id,
            rep=rep,
            state="held",
            gain_minor=lead.gain_minor,
            minutes=lead.minutes,
            free_at=until,
            claim=claim,
            version=0,
            call_back_at=lead.call_back_at,
            **(dict(kept) | times),
        ),
    )
    tx.flush()
    return True


def _cannot(why: str) -> Conflict:
    return Conflict("cannot_undo", why)


def _told(of: Any, names: Sequence[str]) -> dict[str, Any]:
    """Columns of a lead, a place or an account, as JSON keeps them."""
    return {name: _text(getattr(of, name)) for name in names}


def _text(value: Any) -> Any:
    return time_text(value) if isinstance(value, datetime) else value


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
