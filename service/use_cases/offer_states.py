"""What happens to an issued offer: approved, withdrawn, viewed, accepted, redeemed, expired."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from offers.terms import Order, Terms
from service.errors import Conflict, NotAllowed, NotFound
from service.parts import Parts
from service.security import Caller
from service.store import mail, offers
from service.store.offers import StoredOffer
from service.use_cases.offers import offer_json, stage_mail, write_down
from service.use_cases.once import Answer, answer

_CUSTOMER = "customer"
_BEFORE_ACCEPTED = ("issued", "sent", "viewed")
_REDEEMABLE = ("issued", "sent", "viewed", "accepted")


def approve(
    connection: sa.Connection, parts: Parts, offer_id: str, caller: Caller, now: datetime
) -> Answer:
    """Release an offer that waits for a second pair of eyes. Raises Conflict, NotAllowed."""
    offer = _locked(connection, offer_id)
    if offer.state != "awaiting_approval":
        raise Conflict("not_awaiting_approval", f"the offer is {offer.state}")
    if caller.role == "rep" and _terms(offer).approval == "manager":
        raise NotAllowed("above_limit", "this concession needs a manager")
    if offer.by in (caller.rep, caller.key):
        raise NotAllowed("own_offer", "nobody approves what they asked for themselves")
    _move(connection, parts, offer, "issued", by=caller.key, now=now)
    stage_mail(connection, offer, _terms(offer), now)
    return _shown(connection, offer_id)


def withdraw(
    connection: sa.Connection, parts: Parts, offer_id: str, caller: Caller, now: datetime
) -> Answer:
    """Take an open offer back; staged mail stays here. Raises Conflict."""
    offer = _locked(connection, offer_id)
    _move(connection, parts, offer, "withdrawn", by=caller.key, now=now)
    mail.withhold_for_offer(connection, offer_id, reason="offer_withdrawn", now=now)
    return _shown(connection, offer_id)


def accept(
    connection: sa.Connection, parts: Parts, offer_id: str, by: str, now: datetime
) -> Answer:
    """The customer, or a rep for them, takes the offer. Accepting twice is once."""
    offer = _locked(connection, offer_id)
    if offer.state == "accepted":
        return _shown(connection, offer_id)
    if offer.state not in _BEFORE_ACCEPTED:
        raise Conflict("not_open", f"the offer is {offer.state}")
    if offer.ends_at < now:
        raise Conflict("offer_ended", "the offer has ended")
    _move(connection, parts, offer, "accepted", by=by, now=now)
    return _shown(connection, offer_id)


def redeem(
    connection: sa.Connection, parts: Parts, offer_id: str, order: Order, by: str, now: datetime
) -> Answer:
    """Check an order against the gets; grant the gives only when none is missed."""
    offer = _locked(connection, offer_id)
    if offer.state not in _REDEEMABLE:
        raise Conflict("not_open", f"the offer is {offer.state}")
    terms = _terms(offer)
    paid_at = order.paid_at or now
    missed = [
        m.to_json() for get in terms.get_terms() if (m := get.missed_by(order, terms.ends_at))
    ]
    if paid_at > terms.ends_at:
        missed.append(
            {
                "get": "in_time",
                "needed": terms.ends_at.isoformat(),
                "actual": paid_at.isoformat(),
                "by": str(paid_at - terms.ends_at),
            }
        )
    if not missed:
        _move(connection, parts, offer, "redeemed", by=by, now=now, invoice=order.invoice)
    shown = offers.find(connection, offer_id)
    assert shown is not None
    return answer({"redeemed": not missed, "missed": missed, "offer": offer_json(shown)})


def view(connection: sa.Connection, parts: Parts, offer_id: str, now: datetime) -> StoredOffer:
    """The offer as its page shows it; the first look is written down. Raises NotFound."""
    offer = _locked(connection, offer_id)
    if offer.state in ("issued", "sent"):
        _move(connection, parts, offer, "viewed", by=_CUSTOMER, now=now)
    return offer


def mark_sent(connection: sa.Connection, parts: Parts, offer_id: str, now: datetime) -> None:
    """The mail left."""
    offer = _locked(connection, offer_id)
    if offer.state == "issued":
        _move(connection, parts, offer, "sent", by="worker", now=now)


def expire(connection: sa.Connection, parts: Parts, now: datetime) -> int:
    """End open offers whose time is over; how many."""
    offers.lock_issuing(connection)
    ended = offers.ended(connection, now, limit=200)
    for offer in ended:
        _move(connection, parts, offer, "expired", by="worker", now=now)
        mail.withhold_for_offer(connection, offer.id, reason="offer_ended", now=now)
    return len(ended)


def _locked(connection: sa.Connection, offer_id: str) -> StoredOffer:
    offers.lock_issuing(connection)  # before the row, always in this order
    offer = offers.lock(connection, offer_id)
    if offer is None:
        raise NotFound("unknown_offer", "there is no such offer")
    return offer


def _move(
    connection: sa.Connection,
    parts: Parts,
    offer: StoredOffer,
    to: str,
    *,
    by: str,
    now: datetime,
    **more: Any,
) -> None:
    if not offers.move(connection, offer.id, to=to, now=now):
        raise Conflict("not_open", f"the offer is {offer.state}")
    write_down(connection, parts, offer, to, lead=None, by=by, now=now, **more)


def _terms(offer: StoredOffer) -> Terms:
    return Terms.from_json(json.loads(offer.terms))


def _shown(connection: sa.Connection, offer_id: str) -> Answer:
    offer = offers.find(connection, offer_id)
    assert offer is not None
    return answer(offer_json(offer))
