"""An order meets an offer: checked against every get, its gives granted once, each as a task."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from offers import lifecycle as life
from offers.deeds import WAITING, fulfil, needs_order
from offers.lifecycle import Refusal
from offers.months import add_months
from offers.order_check import Grant, grants_of, to_confirm
from offers.terms import Missed, Order
from service.domain.lead_record import time_text, to_text
from service.errors import Conflict
from service.store.leads import external_ids, leads
from service.store.offers import offers, redemptions, tasks
from service.store.offers.offers import StoredOffer
from service.use_cases.offers import gives
from service.use_cases.offers.deeds import done_towards
from service.use_cases.offers.lifecycle import (
    follow_up_order,
    found,
    locked,
    offer_of,
    refused,
    take,
    terms_of,
)
from service.use_cases.offers.order_outcome import tell_sale
from service.use_cases.offers.owed import note_owed, tick_off
from service.use_cases.offers.refunds import BY_STRIPE, settle_refund
from service.use_cases.tx import Tx

CREDIT = "payment_days"
_TRIAL = "trial_days"
_MOST_WAITING = 20  # orders of one offer that are looked at again


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeemed:
    """What an order came to, and the offer as it stands now."""

    outcome: str
    missed: Sequence[Missed]
    grants: Sequence[Grant]
    offer: StoredOffer


def redeem(tx: Tx, named: str, order: Order, by: str) -> Redeemed:
    """Redeem the offer of an id or a code. Raises NotFound, Conflict."""
    there = offers.find(tx.connection, named)
    if there is not None:
        leads.lock(tx.connection, there.lead)  # before the offer, always in this order
    stored = locked(tx.connection, named)
    known = done_towards(tx, stored, bought_at=order.judged_at)
    whole = replace(order, shows={**known, **order.shows})
    codes = frozenset(listed.country for listed in tx.runtime.policy.refused)
    redemption = life.redeem(offer_of(stored), whole, refused=codes, now=tx.now)
    if isinstance(redemption, Refusal):
        raise refused(redemption)
    if redemption.outcome == "redeemed" and not redemption.is_replay:
        _use_up(tx, stored, order)
        _hand_over(tx, stored, redemption.grants, since=order.paid_at)
        note_owed(tx, stored, offer_of(stored).terms, order, known)
    if redemption.outcome == "pending" and redemption.offer.on_account is not None:
        credit = [grant for grant in grants_of(redemption.offer.terms) if grant.give == CREDIT]
        gives.hand_over(tx, stored, credit)
    if redemption.outcome == "missed":
        lacking = to_text([each.to_json() for each in redemption.missed])
        waiting = to_text([each.to_json() for each in _waiting(stored, order)])
        offers.keep_missed(tx.connection, stored.id, lacking, waiting)
        missed = {each.get for each in redemption.missed}
        asked = [get for get in to_confirm(offer_of(stored).terms) if get.give in missed]
        tasks.add(tx.connection, stored.id, "confirm", asked, tx.now)
        follow_up_order(tx, stored, redemption.missed)
    take(tx, stored, redemption.offer, by=by)
    if redemption.outcome == "redeemed" and not redemption.is_replay:
        tell_sale(tx, stored, order)
        if order.invoice is not None and by != BY_STRIPE:  # the refund may be told first
            tx.flush()
            settle_refund(tx, stored.account, order.invoice, by)
    return Redeemed(
        outcome=redemption.outcome,
        missed=redemption.missed,
        grants=redemption.grants,
        offer=found(tx.connection, stored.id),
    )


def _waiting(stored: StoredOffer, order: Order) -> list[Order]:
    """The orders that lack something, the newest last; each invoice once, as told last."""
    before = [Order.from_json(kept) for kept in json.loads(stored.missed_orders or "[]")]
    others = [each for each in before if each.invoice != order.invoice]
    return [*others, order][-_MOST_WAITING:]


def fulfil_by_deeds(tx: Tx, lead_id: str) -> None:
    """Hand over what a lead's offers give without an order, once the last deed was done in time.

    It may be heard of after the offer's end. What was owed after an order is ticked off.
    """
    found = offers.of_lead(tx.connection, lead_id)
    for each in found:
        if each.state == "redeemed":
            tick_off(tx, each, done_towards(tx, each))
    waiting = [each for each in found if each.state in WAITING and not needs_order(terms_of(each))]
    if not waiting or leads.lock(tx.connection, lead_id) is None:
        return
    for each in waiting:
        stored = locked(tx.connection, each.id)
        done = fulfil(offer_of(stored), done_towards(tx, stored, until=stored.ends_at))
        if done is None:
            continue
        _hand_over(tx, stored, done.grants)
        take(tx, stored, done.offer, by="giveget")


def _hand_over(
    tx: Tx, stored: StoredOffer, grants: Sequence[Grant], *, since: datetime | None = None
) -> None:
    """Every give of an offer; a longer trial is ours to give, unless it is billed elsewhere too."""
    days = sum(int(str(grant.value)) for grant in grants if grant.give == _TRIAL)
    trial_ends_at = _lengthen_trial(tx, stored.lead, days) if days else None
    asked = gives.hand_over(tx, stored, grants, since=since, trial_ends_at=trial_ends_at)
    used = redemptions.of_offer(tx.connection, stored.id) if days else None
    is_by_stripe = used is not None and used.source == "stripe"
    if days and _TRIAL not in asked and not is_by_stripe and not _is_billed(tx, stored.lead):
        task = f"task_{stored.id}_grant_{_TRIAL}"
        tasks.finish(tx.connection, task, by="giveget", now=tx.now)


def _is_billed(tx: Tx, lead: str) -> bool:
    """Whether Stripe has a subscription or a customer of the lead, where the trial ends too."""
    return bool(external_ids.of_lead(tx.connection, lead).get("stripe"))


def _lengthen_trial(tx: Tx, lead_id: str, days: int) -> datetime:
    """The trial's end moves, as the lead's view shows it; where to."""
    lead = leads.lock(tx.connection, lead_id)
    assert lead is not None
    record = lead.record
    ends_at = record["fields"].get("trial_ends_at")
    since = tx.now if ends_at is None else max(datetime.fromisoformat(ends_at), tx.now)
    moved_to = since + timedelta(days=days)
    record["fields"]["trial_ends_at"] = time_text(moved_to)
    record["known_at"]["trial_ends_at"] = time_text(tx.now)
    moved = lead.with_record(record)._replace(look_again_at=tx.now)
    leads.update(tx.connection, moved, tx.now)
    return moved_to


def _use_up(tx: Tx, stored: StoredOffer, order: Order) -> None:
    assert order.invoice is not None  # nothing is redeemed without one
    assert order.paid_at is not None  # nor before it is paid
    zone = tx.runtime.policy.timezone
    is_first = redemptions.use_up(
        tx.connection,
        offer=stored.id,
        account=stored.account,
        invoice=order.invoice,
        commitment_until=add_months(order.paid_at, order.term_months, zone),
        now=tx.now,
    )
    if is_first:
        return
    if redemptions.offer_of(tx.connection, order.invoice) not in (None, stored.id):
        raise Conflict("invoice_used", "this invoice redeemed another offer already")
    raise Conflict("already_redeemed", "the offer's code has been used up")
