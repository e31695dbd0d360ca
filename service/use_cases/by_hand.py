"""What people do by hand, by a call or in the console: one use case and its line in the audit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service.auth.keyring import Caller
from service.errors import NotAllowed, NotFound
from service.runtime import Parts
from service.store.offers import offers
from service.store.ops import audit, switches
from service.store.ops.audit import Hand
from service.store.ops.switches import MAIL_PAUSED, Turned
from service.store.queue import objections, reps
from service.use_cases.leads.idempotency import Answer
from service.use_cases.offers.requests import request_offer
from service.use_cases.queue import claims
from service.use_cases.views import lead_timeline


def hand_of(caller: Caller) -> Hand:
    """The caller as the audit names them."""
    return Hand(who=caller.rep or caller.key, role=caller.role)


def known_rep(connection: sa.Connection, rep: str) -> reps.Rep:
    """A rep who is there. Raises NotFound."""
    found = reps.find(connection, rep)
    if found is None:
        raise NotFound("unknown_rep", "there is no such rep")
    return found


def claim(
    connection: sa.Connection, parts: Parts, caller: Caller, rep: str, now: datetime
) -> Answer:
    """Lease the rep's best lead to them; 204 when nothing waits."""
    taken = claims.claim_next(connection, parts, rep, now)
    if taken.status == 200:
        said = str(json.loads(taken.body)["claim"])
        audit.note(connection, hand_of(caller), "claim.taken", said, now)
    return taken


def step(
    connection: sa.Connection,
    parts: Parts,
    caller: Caller,
    step: Any,  # one of claims.done, release, snooze, extend: each with words of its own
    claim: str,
    now: datetime,
    **given: Any,
) -> Answer:
    """A step of a claim, as its rep. Raises NotAllowed for whoever is none."""
    if caller.rep is None:
        raise NotAllowed("wrong_role", "this key is no rep's")
    ended = step(connection, parts, claim, caller.rep, now=now, **given)
    audit.note(connection, hand_of(caller), f"claim.{step.__name__}", claim, now)
    assert isinstance(ended, Answer)
    return ended


def decide(
    connection: sa.Connection,
    parts: Parts,
    caller: Caller,
    lead: str,
    now: datetime,
    *,
    dry_run: bool,
    told: Mapping[str, str | None] | None = None,
) -> Answer:
    """Decide about an offer for a lead, and issue it unless it is a dry run."""
    decided = request_offer(connection, parts, lead, caller, dry_run=dry_run, now=now, told=told)
    ref = lead_timeline.ref_of(connection, lead)
    audit.note(connection, hand_of(caller), "offer.decided", ref, now, dry_run=dry_run)
    return decided


def saw(connection: sa.Connection, caller: Caller, lead: str, now: datetime) -> None:
    """A person looked at a lead."""
    audit.note(
        connection, hand_of(caller), "lead.seen", lead_timeline.ref_of(connection, lead), now
    )


def keep_objections(
    connection: sa.Connection,
    caller: Caller,
    listed: Sequence[objections.Objection],
    now: datetime,
) -> None:
    """Replace the team's list."""
    objections.put(connection, listed)
    audit.note(connection, hand_of(caller), "objections.changed", "objections", now)


def turn_mail(
    connection: sa.Connection, caller: Caller, now: datetime, *, paused: bool, reason: str
) -> Turned:
    """Let no mail leave, or let it leave again."""
    turned = Turned(is_on=paused, by=hand_of(caller).who, reason=reason, at=now)
    switches.turn(connection, MAIL_PAUSED, turned)
    step = "mail.paused" if paused else "mail.resumed"
    audit.note(connection, hand_of(caller), step, "mail", now)
    return turned


def visible_offer(connection: sa.Connection, offer_id: str, caller: Caller) -> offers.StoredOffer:
    """An offer of a lead this caller may see. Raises NotFound, NotAllowed."""
    offer = offers.find(connection, offer_id)
    if offer is None:
        raise NotFound("unknown_offer", "there is no such offer")
    lead_timeline.visible(connection, offer.lead, caller)
    return offer
