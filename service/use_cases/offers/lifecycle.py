"""What happens to an issued offer. `offers.lifecycle` says which step may follow which."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from offers import lifecycle as life
from offers.deeds import needs_order
from offers.ledger import PERSONAL
from offers.lifecycle import Offer, Refusal
from offers.on_account import OnAccount, days_to_pay
from offers.order_check import Grant, grants_of, to_confirm
from offers.refusal_words import in_words
from offers.requote import conceding_less
from offers.terms import DEEDS, Missed, Order, Terms
from service.auth.keyring import Caller
from service.domain.lead import StoredLead
from service.domain.lead_record import time_text, to_text
from service.errors import BadInput, Conflict, FieldError, NotAllowed, NotFound
from service.store.leads import leads
from service.store.offers import ledger, offers, remarks, tasks
from service.store.offers.offers import StoredOffer
from service.store.offers.remarks import Remark
from service.store.ops import jobs, outbox
from service.use_cases.leads.lead_context import open_lead
from service.use_cases.leads.rescoring import rescore_and_store
from service.use_cases.offers import courtesy_mails, gives, reservations
from service.use_cases.offers.approvals import is_own
from service.use_cases.offers.chosen_seats import quoted_for, would_be
from service.use_cases.offers.deeds import done_towards, still_to_do
from service.use_cases.offers.issuing import let_out, write_down
from service.use_cases.offers.owed import owe_again
from service.use_cases.offers.reservations import reserve_anew
from service.use_cases.tx import Tx

_CUSTOMER = "customer"
_FIRST = "accepted"
"""A rep's task: what comes before the concession, once the offer was taken or ordered."""
_WORKER = "worker"
_NOT_ALLOWED = ("own_concession", "needs_manager")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal:
    """An offer after its order was refunded or changed, and the gives to take back."""

    offer: StoredOffer
    takes_back: Sequence[Grant]


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What is said with an approval, and what is approved instead of what was asked."""

    comment: str | None = None
    seats: int | None = None
    percent_off: int | None = None


def approve(
    tx: Tx,
    offer_id: str,
    caller: Caller,
    approval: Approval = Approval(),  # a value
) -> StoredOffer:
    """Release an offer that waits for a second pair of eyes, as asked or with other numbers.

    Raises Conflict, NotAllowed; BadInput for numbers that this offer cannot have.
    """
    stored = locked(tx.connection, offer_id)
    by = caller.rep or caller.key
    role = "rep" if caller.role == "rep" else "manager"
    own = is_own(tx.connection, stored, caller)
    offer = offer_of(stored)
    after = life.approve(offer, stored.by if own else by, role)  # type: ignore[arg-type]  # one of the two
    facts: dict[str, Any] = {}
    if isinstance(after, Offer) and after != offer:
        stored = _changed(tx, stored, approval)
        if terms_of(stored) != after.terms:
            after = replace(after, terms=terms_of(stored))
            told = after.terms.to_json().items()
            facts["terms"] = {name: value for name, value in told if name not in PERSONAL}
    if take(tx, stored, after, by=by, **facts):
        _keep_comment(tx, stored, approval.comment)
        let_out(tx, stored, terms_of(stored))
    return found(tx.connection, offer_id)


def as_approved(tx: Tx, stored: StoredOffer, approval: Approval) -> Terms:
    """The terms that an approval with these numbers releases, nothing being changed.

    Raises BadInput, Conflict.
    """
    terms = _conceding(stored, approval.percent_off)
    return terms if approval.seats is None else would_be(tx, stored, terms, approval.seats)


def _conceding(stored: StoredOffer, percent_off: int | None) -> Terms:
    """The offer's terms with this discount; None: with its own."""
    terms = terms_of(stored)
    if percent_off is None:
        return terms
    try:
        return conceding_less(terms, percent_off)
    except ValueError as error:
        wrong = FieldError(path="percent_off", code="out_of_range", message=str(error))
        raise BadInput("wrong_discount", str(error), status=422, errors=[wrong]) from None


def _changed(tx: Tx, stored: StoredOffer, approval: Approval) -> StoredOffer:
    """The offer with the numbers approved, quoted and reserved anew."""
    terms = _conceding(stored, approval.percent_off)
    if approval.percent_off is not None:
        reserve_anew(tx, stored, terms.reserve_minor)  # no more than before: there is room
        stored = replace(stored, reserve_minor=terms.reserve_minor)
    if approval.seats is not None:
        terms = quoted_for(tx, stored, terms, approval.seats)
    told = to_text(terms.to_json())
    offers.keep_changed(tx.connection, stored.id, terms=told, reserve_minor=terms.reserve_minor)
    return replace(stored, terms=told, reserve_minor=terms.reserve_minor)


def _keep_comment(tx: Tx, stored: StoredOffer, comment: str | None) -> None:
    if comment is None or not comment.strip():
        return
    remarks.insert(
        tx.connection,
        Remark(
            id=f"remark_{stored.id}_approval",
            offer=stored.id,
            lead=stored.lead,
            kind="approval",
            words=comment.strip(),
            at=tx.now,
        ),
    )


def withdraw(
    tx: Tx, offer_id: str, caller: Caller, *, even_on_account: bool = False
) -> StoredOffer:
    """Take an open offer back; staged mail stays here. Raises Conflict."""
    stored = locked(tx.connection, offer_id)
    offer = offer_of(stored)
    after = life.take(offer, "withdraw") if even_on_account else life.withdraw(offer)
    if take(tx, stored, after, by=caller.rep or caller.key):
        outbox.withhold_for_offer(tx.connection, offer_id, reason="offer_withdrawn", now=tx.now)
    return found(tx.connection, offer_id)


def accept(tx: Tx, offer_id: str, by: str, *, seats: int | None = None) -> StoredOffer:
    """The customer, or a rep for them, takes the offer, for as many seats as quoted or chosen.

    Raises Conflict once it has ended, `needs_approval` for more seats than the policy allows by
    itself, `already_accepted` where it was taken for others; BadInput for too few.
    """
    there = offers.find(tx.connection, offer_id)
    lead = None if there is None else leads.lock(tx.connection, there.lead)  # before the offer
    stored = locked(tx.connection, offer_id)
    offer = offer_of(stored)
    after = life.take(offer, "accept")
    if after != offer and isinstance(life.expire(offer, tx.now), Offer):
        raise Conflict("offer_ended", "the offer has ended")
    quote = offer.terms.quote
    if after == offer:
        if seats is not None and quote is not None and seats != quote.seats:
            raise Conflict("already_accepted", f"the offer was taken for {quote.seats:,} seats")
    elif isinstance(after, Offer):
        stored = _keep_accepted(tx, stored, seats)
        after = replace(after, terms=terms_of(stored))
    if take(tx, stored, after, by=by, **_taken(stored)):
        tasks.add(tx.connection, stored.id, "confirm", to_confirm(offer.terms), tx.now)
        courtesy_mails.confirm(tx, stored)
        _hand_to_person(tx, stored, lead)
    ask_for_checkout(tx, offer_id)
    return found(tx.connection, offer_id)


def _keep_accepted(tx: Tx, stored: StoredOffer, seats: int | None) -> StoredOffer:
    """The offer as it was taken; its reserve follows from the seats."""
    terms = terms_of(stored)
    if seats is not None:
        terms = quoted_for(tx, stored, terms, seats)
    quote = None if terms.quote is None else terms.quote.to_json()
    chosen = seats if terms.quote is None else terms.quote.seats
    taken = to_text({"seats": chosen, "at": time_text(tx.now), "quote": quote})
    told = to_text(terms.to_json())
    offers.keep_accepted(
        tx.connection, stored.id, accepted=taken, terms=told, reserve_minor=terms.reserve_minor
    )
    return replace(stored, accepted=taken, terms=told, reserve_minor=terms.reserve_minor)


def _taken(stored: StoredOffer) -> dict[str, Any]:
    """What the ledger keeps of an acceptance."""
    if stored.accepted is None:
        return {}
    taken = json.loads(stored.accepted)
    return {"seats": taken["seats"], "quote": taken["quote"], "reserve_minor": stored.reserve_minor}


def _hand_to_person(tx: Tx, stored: StoredOffer, lead: StoredLead | None) -> None:
    """A rep follows an acceptance up where no checkout can, or a deed comes first."""
    to_do = still_to_do(tx, stored)
    if not to_do and is_paid_at_checkout(tx, terms_of(stored)):
        return
    phrases = {get.kind: get.phrase() for get in terms_of(stored).get_terms()}
    named = ", ".join(phrases[each.get] for each in to_do)
    recipe = (
        f"rep: the offer was accepted; first comes {named}"
        if to_do
        else ("rep: the offer was accepted; take the order")
    )
    step = Grant("first", [each.get for each in to_do], recipe)
    tasks.add(tx.connection, stored.id, _FIRST, [step], tx.now)
    if lead is not None:
        ask_for_rep(tx, lead)


def follow_up_order(tx: Tx, stored: StoredOffer, missed: Sequence[Missed]) -> None:
    """A rep's task for the deeds that are all an order still waits for, whoever took the offer.

    It takes the place of the one that acceptance made; what somebody confirms has tasks already.
    """
    terms = terms_of(stored)
    confirmed = {get.give for get in to_confirm(terms)}
    seen = [each.get for each in missed if each.get not in confirmed]
    if not seen or not {each.get for each in missed} <= DEEDS:
        return
    named = ", ".join(get.phrase() for get in terms.get_terms() if get.kind in seen)
    step = Grant("ordered", seen, f"rep: the offer's order is here and waits for {named}")
    if tasks.add(tx.connection, stored.id, _FIRST, [step], tx.now):
        tasks.drop(tx.connection, stored.id, _FIRST, tx.now, "giveget", give="first")


def ask_for_rep(tx: Tx, lead: StoredLead) -> None:
    """The lead enters a rep's queue, with a time by which they are due an answer."""
    if not tx.runtime.settings.shadow:
        rescore_and_store(tx, open_lead(lead._replace(asked_for_rep_at=tx.now)))


def ask_for_checkout(tx: Tx, offer_id: str) -> str | None:
    """Where an accepted offer is paid; asks for a checkout when there is none that is open.

    None while a deed is still to be done: nothing grants money before it.
    """
    stored = offers.find(tx.connection, offer_id)
    if stored is None or stored.state != "accepted" or still_to_do(tx, stored):
        return None
    url = jobs.pay_url(tx.connection, stored.id, tx.now)
    if url is not None or not is_paid_at_checkout(tx, terms_of(stored)):
        return url
    if not jobs.hurry(tx.connection, f"stripe:checkout:{stored.id}", tx.now):
        jobs.ask(tx.connection, "stripe", "checkout", stored.id, lead=stored.lead, now=tx.now)
    return None


def is_paid_at_checkout(tx: Tx, terms: Terms) -> bool:
    """Whether a checkout takes the order: one on account is invoiced, not charged."""
    return (
        tx.runtime.tools.stripe is not None and terms.quote is not None and not days_to_pay(terms)
    )


def reverse(
    tx: Tx,
    offer_id: str,
    order: Order | None,
    by: str,
    *,
    owed: str | None = None,
    why: str | None = None,
) -> Reversal:
    """A refund (None) or a changed order: below a lasting get the gives are to be taken back.

    `owed` says what a discount that was had already comes to; `why` is kept for `reversal_of`.
    """
    stored = locked(tx.connection, offer_id)
    after = life.change_order(offer_of(stored), order)
    if take(tx, stored, after, by=by, **({} if why is None else {"why": why})):
        _, given = tasks.drop(tx.connection, stored.id, "grant", tx.now, by)
        if tasks.drop(tx.connection, stored.id, "restore", tx.now, by) != (set(), set()):
            given = {grant.give for grant in _standing(tx, stored, "delivered")}
        back = [grant for grant in grants_of(terms_of(stored)) if grant.give in given]
        if owed is not None:
            back = [
                grant._replace(recipe=f"billing: {owed}") if grant.give == "percent_off" else grant
                for grant in back
            ]
        gives.take_back(tx, stored, back)
    shown = found(tx.connection, offer_id)
    grants = grants_of(terms_of(stored)) if shown.state == "reversed" else ()
    return Reversal(offer=shown, takes_back=grants)


def bill_anew(tx: Tx, offer_id: str, order: Order, by: str) -> None:
    """Another invoice replaces the one that an order on account is owed on."""
    stored = locked(tx.connection, offer_id)
    take(tx, stored, life.billed_anew(offer_of(stored), order), by=by)


def reversed_by(tx: Tx, stored: StoredOffer) -> str | None:
    """Who reversed an offer, the last time: what others took back is not for anybody to give."""
    by, _ = reversal_of(tx, stored)
    return by


def reversal_of(tx: Tx, stored: StoredOffer) -> tuple[str | None, str | None]:
    """Who reversed an offer, the last time, and why, where that was said."""
    steps = [one for one in ledger.about(tx.connection, stored.id) if one.step == "reversed"]
    facts = steps[-1].facts if steps else {}
    return facts.get("by"), facts.get("why")


def reinstate(tx: Tx, stored: StoredOffer, order: Order, by: str) -> None:
    """The money came back after all: the offer holds, and what was taken back is handed over again.

    What the customer owed with it is owed as before.

    Raises Conflict.
    """
    take(tx, stored, life.reinstate(offer_of(stored), order), by=by)
    tasks.drop(tx.connection, stored.id, "take_back", tx.now, by)
    gives.hand_over(tx, stored, _standing(tx, stored, "taken back"), as_task="restore")
    owe_again(tx, stored, done_towards(tx, stored))


def _standing(tx: Tx, stored: StoredOffer, state: gives.State) -> list[Grant]:
    found = gives.standing(tasks.of_offer(tx.connection, stored.id))
    kinds = {give.kind for give in found if give.state == state}
    return [grant for grant in grants_of(terms_of(stored)) if grant.give in kinds]


def view(tx: Tx, offer_id: str) -> StoredOffer:
    """The offer as its page shows it; the first look is written down. Raises NotFound."""
    stored = locked(tx.connection, offer_id)
    after = life.take(offer_of(stored), "view")
    if isinstance(after, Offer):
        take(tx, stored, after, by=_CUSTOMER)
    return stored


def mark_sent(tx: Tx, offer_id: str) -> None:
    """The mail left; an offer that moved on meanwhile stays where it is."""
    stored = locked(tx.connection, offer_id)
    after = life.take(offer_of(stored), "send")
    if isinstance(after, Offer):
        take(tx, stored, after, by=_WORKER)


def expire(tx: Tx) -> int:
    """End open offers whose time is over; how many."""
    offers.lock_issuing(tx.connection)
    ended = offers.ended(tx.connection, tx.now, limit=200)
    for stored in ended:
        after = life.expire(offer_of(stored), tx.now)
        if isinstance(after, Offer):
            take(tx, stored, after, by=_WORKER)
            outbox.withhold_for_offer(tx.connection, stored.id, reason="offer_ended", now=tx.now)
    return len(ended)


def locked(connection: sa.Connection, offer_id: str) -> StoredOffer:
    """One offer, by id or code, held until the transaction ends. Raises NotFound."""
    offers.lock_issuing(connection)  # before the row, always in this order
    offer = offers.lock(connection, offer_id)
    if offer is None:
        raise NotFound("unknown_offer", "there is no such offer")
    return offer


def found(connection: sa.Connection, offer_id: str) -> StoredOffer:
    """An offer that is there, as it stands now."""
    offer = offers.find(connection, offer_id)
    assert offer is not None
    return offer


def take(tx: Tx, stored: StoredOffer, after: Offer | Refusal, *, by: str, **facts: Any) -> bool:
    """Store a step and write it down; whether it changed anything. Raises what was refused."""
    if isinstance(after, Refusal):
        raise refused(after)
    if after == offer_of(stored):
        return False
    offers.change(
        tx.connection,
        stored.id,
        state=after.state,
        approved_by=after.approved_by,
        invoice=after.invoice,
        settled_minor=after.settled_minor,
        on_account=None if after.on_account is None else to_text(after.on_account.to_json()),
        late_days=after.late_days,
        now=tx.now,
    )
    reservations.change(tx.connection, stored, state=after.state, settled_minor=after.settled_minor)
    if after.state not in life.OPEN:
        may_be_told_late = stored.missed is not None or not needs_order(after.terms)
        if after.state != "expired" or not may_be_told_late:
            tasks.drop(tx.connection, stored.id, "confirm", tx.now, by)
        ended = ["overdue", *(("owed", "remind") if after.state == "reversed" else ())]
        if after.state != "expired" or not _waits_for_deeds(stored):
            ended.append(_FIRST)
        for kind in ended:
            tasks.drop(tx.connection, stored.id, kind, tx.now, by)
        _close_checkout(tx, stored, by)
    if after.state == "redeemed":
        offers.keep_missed(tx.connection, stored.id, None)
    settled = {} if after.settled_minor is None else {"settled_minor": after.settled_minor}
    write_down(tx, stored, after.state, by=by, **settled, **facts)
    return True


def _waits_for_deeds(stored: StoredOffer) -> bool:
    """Whether an order is there, and all that it lacks is what somebody has yet to do."""
    lacking = {str(each["get"]) for each in json.loads(stored.missed or "[]")}
    return bool(lacking) and lacking <= DEEDS


def _close_checkout(tx: Tx, stored: StoredOffer, by: str) -> None:
    """Nothing can be paid at the checkout of an offer that is over; Stripe closes its own."""
    if by != "stripe" and jobs.find(tx.connection, f"stripe:checkout:{stored.id}") is not None:
        jobs.ask(tx.connection, "stripe", "close", stored.id, lead=stored.lead, now=tx.now)


def refused(refusal: Refusal) -> Conflict | NotAllowed:
    """A refusal of `offers.lifecycle` as the call answers it."""
    kind = NotAllowed if refusal.code in _NOT_ALLOWED else Conflict
    return kind(refusal.code, in_words(refusal))


def offer_of(stored: StoredOffer) -> Offer:
    """A stored offer as `offers.lifecycle` sees it."""
    state: Any = stored.state  # the column holds offers.lifecycle's states only
    return Offer(
        id=stored.id,
        terms=terms_of(stored),
        state=state,
        requested_by=stored.by,
        approved_by=stored.approved_by,
        invoice=stored.invoice,
        settled_minor=stored.settled_minor,
        issued_at=stored.issued_at,
        on_account=(
            None
            if stored.on_account is None
            else OnAccount.from_json(json.loads(stored.on_account))
        ),
        late_days=stored.late_days,
    )


def terms_of(offer: StoredOffer) -> Terms:
    """An offer's terms as they stand."""
    return Terms.from_json(json.loads(offer.terms))
