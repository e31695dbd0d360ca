"""What happens to an issued offer. `offers.redeem` says which step may follow which."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from offers import lifecycle as life
from offers.lifecycle import Offer, Refusal
from offers.order_check import grants_of, to_confirm
from offers.terms import Order, Terms
from service.auth.keyring import Caller
from service.errors import Conflict, NotAllowed, NotFound
from service.runtime import Parts
from service.store.offers import offers, tasks
from service.store.offers.offers import StoredOffer
from service.store.ops import jobs, outbox
from service.use_cases.leads.idempotency import Answer, answer
from service.use_cases.offers import reservations
from service.use_cases.offers.issuing import offer_json, stage_mail, write_down

_CUSTOMER = "customer"
_WORKER = "worker"
_NOT_ALLOWED = ("own_concession", "needs_manager")


def approve(
    connection: sa.Connection, parts: Parts, offer_id: str, caller: Caller, now: datetime
) -> Answer:
    """Release an offer that waits for a second pair of eyes. Raises Conflict, NotAllowed."""
    stored = locked(connection, offer_id)
    by = caller.rep or caller.key
    role = "rep" if caller.role == "rep" else "manager"
    after = life.approve(offer_of(stored), by, role)  # type: ignore[arg-type]  # one of the two
    if take(connection, parts, stored, after, by=by, now=now):
        stage_mail(connection, stored, _terms(stored), now)
    return _shown(connection, offer_id)


def withdraw(
    connection: sa.Connection, parts: Parts, offer_id: str, caller: Caller, now: datetime
) -> Answer:
    """Take an open offer back; staged mail stays here. Raises Conflict."""
    stored = locked(connection, offer_id)
    after = life.take(offer_of(stored), "withdraw")
    if take(connection, parts, stored, after, by=caller.rep or caller.key, now=now):
        outbox.withhold_for_offer(connection, offer_id, reason="offer_withdrawn", now=now)
    return _shown(connection, offer_id)


def accept(
    connection: sa.Connection, parts: Parts, offer_id: str, by: str, now: datetime
) -> Answer:
    """The customer, or a rep for them, takes the offer. Raises Conflict once it has ended."""
    stored = locked(connection, offer_id)
    offer = offer_of(stored)
    after = life.take(offer, "accept")
    if after != offer and isinstance(life.expire(offer, now), Offer):
        raise Conflict("offer_ended", "the offer has ended")
    is_new = take(connection, parts, stored, after, by=by, now=now)
    if is_new:
        tasks.add(connection, stored.id, "confirm", to_confirm(offer.terms), now)
    ask_for_checkout(connection, parts, offer_id, now)
    return _shown(connection, offer_id)


def ask_for_checkout(
    connection: sa.Connection, parts: Parts, offer_id: str, now: datetime
) -> str | None:
    """Where an accepted offer is paid; asks for a checkout when there is none that is open."""
    stored = offers.find(connection, offer_id)
    if stored is None or stored.state != "accepted":
        return None
    url = jobs.pay_url(connection, stored.id, now)
    if url is not None or parts.tools.stripe is None or _terms(stored).quote is None:
        return url
    if not jobs.hurry(connection, f"stripe:checkout:{stored.id}", now):  # a repeat is the same one
        jobs.ask(connection, "stripe", "checkout", stored.id, lead=stored.lead, now=now)
    return None


def reverse(
    connection: sa.Connection,
    parts: Parts,
    offer_id: str,
    order: Order | None,
    by: str,
    now: datetime,
    *,
    owed: str | None = None,
) -> Answer:
    """A refund (None) or a changed order: below a lasting get the gives are to be taken back.

    `owed` says what a discount that was had already comes to.
    """
    stored = locked(connection, offer_id)
    after = life.change_order(offer_of(stored), order)
    if take(connection, parts, stored, after, by=by, now=now):
        _, given = tasks.drop(connection, stored.id, "grant", now, by)
        back = [grant for grant in grants_of(_terms(stored)) if grant.give in given]
        if owed is not None:
            back = [
                grant._replace(recipe=f"billing: {owed}") if grant.give == "percent_off" else grant
                for grant in back
            ]
        tasks.add(connection, stored.id, "take_back", back, now)
    shown = offers.find(connection, offer_id)
    assert shown is not None
    is_reversed = shown.state == "reversed"
    grants = grants_of(_terms(stored)) if is_reversed else ()
    return answer(
        {
            "reversed": is_reversed,
            "takes_back": [grant._asdict() for grant in grants],
            "offer": offer_json(shown),
        }
    )


def give_again(connection: sa.Connection, stored: StoredOffer, by: str, now: datetime) -> None:
    """The money came back after all: what was taken back, a person hands over again.

    The offer stays reversed: its ledger line is true, and a second one would count it twice.
    """
    kept, _ = tasks.drop(connection, stored.id, "take_back", now, by)
    lost = [grant for grant in grants_of(_terms(stored)) if grant.give not in kept]
    tasks.add(connection, stored.id, "restore", lost, now)


def view(connection: sa.Connection, parts: Parts, offer_id: str, now: datetime) -> StoredOffer:
    """The offer as its page shows it; the first look is written down. Raises NotFound."""
    stored = locked(connection, offer_id)
    after = life.take(offer_of(stored), "view")
    if isinstance(after, Offer):
        take(connection, parts, stored, after, by=_CUSTOMER, now=now)
    return stored


def mark_sent(connection: sa.Connection, parts: Parts, offer_id: str, now: datetime) -> None:
    """The mail left; an offer that moved on meanwhile stays where it is."""
    stored = locked(connection, offer_id)
    after = life.take(offer_of(stored), "send")
    if isinstance(after, Offer):
        take(connection, parts, stored, after, by=_WORKER, now=now)


def expire(connection: sa.Connection, parts: Parts, now: datetime) -> int:
    """End open offers whose time is over; how many."""
    offers.lock_issuing(connection)
    ended = offers.ended(connection, now, limit=200)
    for stored in ended:
        after = life.expire(offer_of(stored), now)
        if isinstance(after, Offer):
            take(connection, parts, stored, after, by=_WORKER, now=now)
            outbox.withhold_for_offer(connection, stored.id, reason="offer_ended", now=now)
    return len(ended)


def locked(connection: sa.Connection, offer_id: str) -> StoredOffer:
    """One offer, by id or code, held until the transaction ends. Raises NotFound."""
    offers.lock_issuing(connection)  # before the row, always in this order
    offer = offers.lock(connection, offer_id)
    if offer is None:
        raise NotFound("unknown_offer", "there is no such offer")
    return offer


def take(
    connection: sa.Connection,
    parts: Parts,
    stored: StoredOffer,
    after: Offer | Refusal,
    *,
    by: str,
    now: datetime,
) -> bool:
    """Store a step and write it down; whether it changed anything. Raises what was refused."""
    if isinstance(after, Refusal):
        raise refused(after)
    if after == offer_of(stored):
        return False
    offers.change(
        connection,
        stored.id,
        state=after.state,
        approved_by=after.approved_by,
        invoice=after.invoice,
        settled_minor=after.settled_minor,
        now=now,
    )
    reservations.change(connection, stored, state=after.state, settled_minor=after.settled_minor)
    if after.state not in life.OPEN:
        tasks.drop(connection, stored.id, "confirm", now, by)
        _close_checkout(connection, stored, by, now)
    if after.state == "redeemed":
        offers.keep_missed(connection, stored.id, None)
    settled = {} if after.settled_minor is None else {"settled_minor": after.settled_minor}
    write_down(connection, parts, stored, after.state, by=by, now=now, **settled)
    return True


def _close_checkout(connection: sa.Connection, stored: StoredOffer, by: str, now: datetime) -> None:
    """Nothing can be paid at the checkout of an offer that is over; Stripe closes its own."""
    if by != "stripe" and jobs.find(connection, f"stripe:checkout:{stored.id}") is not None:
        jobs.ask(connection, "stripe", "close", stored.id, lead=stored.lead, now=now)


def refused(refusal: Refusal) -> Conflict | NotAllowed:
    """A refusal of `offers.redeem` as the call answers it."""
    said = f"needs {refusal.limit}, is {refusal.actual}"
    kind = NotAllowed if refusal.code in _NOT_ALLOWED else Conflict
    return kind(refusal.code, said)


def offer_of(stored: StoredOffer) -> Offer:
    """A stored offer as `offers.redeem` sees it."""
    state: Any = stored.state  # the column holds offers.redeem's states only
    return Offer(
        id=stored.id,
        terms=_terms(stored),
        state=state,
        requested_by=stored.by,
        approved_by=stored.approved_by,
        invoice=stored.invoice,
        settled_minor=stored.settled_minor,
        issued_at=stored.issued_at,
    )


def _terms(offer: StoredOffer) -> Terms:
    return Terms.from_json(json.loads(offer.terms))


def _shown(connection: sa.Connection, offer_id: str) -> Answer:
    offer = offers.find(connection, offer_id)
    assert offer is not None
    return answer(offer_json(offer))
