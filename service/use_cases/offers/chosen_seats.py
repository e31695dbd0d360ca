"""The seats a customer chooses: the offer quoted and reserved anew, or refused with the most."""

from __future__ import annotations

from offers.lifecycle import Refusal
from offers.requote import MOST_SEATS, Room, least_seats, most_seats, refused_by, requoted
from offers.terms import Terms
from service.errors import BadInput, Conflict, FieldError
from service.store.offers import limits, offers
from service.store.offers.offers import StoredOffer
from service.store.queue import reps
from service.use_cases.offers.reservations import SYSTEM, reserve_anew
from service.use_cases.tx import Tx


def would_be(tx: Tx, stored: StoredOffer, terms: Terms, seats: int) -> Terms:
    """The offer's terms for so many seats, nothing being changed.

    Raises BadInput for fewer seats than the offer asks for, and Conflict `needs_approval` with
    `most_seats` where the policy's limits do not hold so many.
    """
    if terms.quote is None:
        return terms
    if not least_seats(terms) <= seats <= MOST_SEATS:
        wanted = f"from {least_seats(terms):,} to {MOST_SEATS:,}"
        error = FieldError(path="seats", code="out_of_range", message=wanted)
        raise BadInput("too_few_seats", f"seats must be {wanted}", status=422, errors=[error])
    after = requoted(terms, seats)
    if after == terms:
        return terms
    room = _room(tx, stored)
    refusal = refused_by(after, terms, tx.runtime.policy, room)
    if refusal is not None:
        raise _refused(tx, terms, seats, room, refusal)
    return after


def quoted_for(tx: Tx, stored: StoredOffer, terms: Terms, seats: int) -> Terms:
    """The offer's terms for so many seats, with its reservation changed; under `lock_issuing`.

    Raises as `would_be` does; then nothing is changed.
    """
    after = would_be(tx, stored, terms, seats)
    if after != terms and not reserve_anew(tx, stored, after.reserve_minor):
        refusal = Refusal("needs_approval", "what the month's budget still holds", "more")
        raise _refused(tx, terms, seats, _room(tx, stored), refusal)
    return after


def _refused(tx: Tx, terms: Terms, seats: int, room: Room, refusal: Refusal) -> Conflict:
    policy = tx.runtime.policy
    most = most_seats(terms, seats, lambda t: refused_by(t, terms, policy, room) is None)
    said = f"{seats:,} seats need {refusal.limit}; it is {refusal.actual}"
    said += "; ask for approval" if most is None else f"; up to {most:,} seats need nobody"
    return Conflict("needs_approval", said, more={"most_seats": most})


def _room(tx: Tx, stored: StoredOffer) -> Room:
    """What the offer may cost at most, by whichever limit leaves least."""
    caps, month = tx.runtime.policy.guardrails, limits.month_of(stored.issued_at)
    left = []
    if caps.budget_minor_per_month is not None:
        used = limits.used(tx.connection, limits.BUDGET, month)
        left.append(caps.budget_minor_per_month - used)
    if caps.account_minor_per_year is not None:
        had = offers.had(tx.connection, stored.account, tx.now).conceded_minor
        left.append(caps.account_minor_per_year - had)
    asked_by = "system"
    if stored.by != SYSTEM:
        asked_by = "manager" if reps.find(tx.connection, stored.by) is None else "rep"
        if asked_by == "rep" and caps.rep_minor_per_month is not None:
            used = limits.used(tx.connection, limits.of_person(stored.by), month)
            left.append(caps.rep_minor_per_month - used)
    return Room(asked_by=asked_by, minor=stored.reserve_minor + min(left) if left else None)
