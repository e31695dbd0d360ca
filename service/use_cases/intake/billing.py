"""An invoice as Stripe says it stands: an outcome, a redemption, or its reversal.

The whole state is asked for each time, so events may come in any order and any number of times.
"""

from __future__ import annotations

import json

from offers.money import Money as Amount
from offers.terms import Order
from service.domain.lead_record import time_text
from service.errors import Conflict
from service.integrations.stripe import Paid
from service.schemas.facts import Outcome
from service.schemas.parsing import read_model
from service.store.leads import external_ids, facts, leads
from service.store.offers import offers, tasks
from service.store.ops import jobs
from service.use_cases.intake.facts import store_outcome
from service.use_cases.leads import identity
from service.use_cases.offers.lifecycle import give_again, reverse
from service.use_cases.offers.outcome_redemption import settle_named
from service.use_cases.tx import Tx

BY_STRIPE = ("percent_off", "extra_months", "trial_days")
"""Gives that Stripe fulfils; the others are tasks for people."""
_BY = "stripe"


def settle_invoice(tx: Tx, paid: Paid) -> None:
    """Store what a paid invoice means, and take back what a refund takes back."""
    if not paid.is_paid or paid.paid_at is None or paid.is_renewal:
        return
    offer = None if paid.offer is None else offers.find(tx.connection, paid.offer)
    lead = _lead(tx, paid, None if offer is None else offer.lead)
    body = {
        "id": f"stripe:{paid.invoice}",
        "kind": "converted",
        "at": time_text(paid.paid_at),
        "plan": paid.plan,
        "seats": paid.seats,
        "term_months": paid.term_months,
        "prepaid": True,  # the invoice covers the price's whole interval
        "amount": {"minor": paid.amount_minor, "currency": paid.currency},
        "invoice": paid.invoice,
        "billing_country": paid.country,
        "offer": paid.offer,
        "shows": dict(paid.shows) or None,
    }
    named = {"lead_id": lead} if lead else {"external_ids": {"stripe": paid.customer}}
    if not lead and paid.customer is None:
        return
    told = {name: value for name, value in (body | named).items() if value is not None}
    outcome = read_model(Outcome, told)
    store_outcome(tx, outcome, _BY)
    if not lead and paid.customer and paid.email:  # whoever signs up with the address has paid
        address = (identity.EMAIL, tx.runtime.email_key(paid.email))
        facts.park_also(tx.connection, ("stripe", paid.customer), address)
    if offer is None:
        return
    if offer.state == "missed":  # what its order lacked then may be there now
        stored = leads.find(tx.connection, offer.lead)
        if stored is not None:
            settle_named(tx, stored, outcome, _BY)
    stands = offers.find(tx.connection, offer.id)
    assert stands is not None
    if stands.state == "reversed" and stands.invoice == paid.invoice and paid.is_won_back:
        give_again(tx, stands, _BY)
    if stands.state != "redeemed" or stands.invoice != paid.invoice:
        return
    if paid.is_taken_back or _is_smaller(paid):
        _take_back(tx, stands.id, paid)
    else:
        _ask_for_grants(tx, stands.id, stands.lead, paid)


def _lead(tx: Tx, paid: Paid, of_offer: str | None) -> str | None:
    """Whose invoice it is; from now on the customer's id names that lead."""
    customer = paid.customer
    known = None if customer is None else external_ids.owner(tx.connection, "stripe", customer)
    found = of_offer or known
    if found is None and paid.email is not None:
        found = leads.by_email(tx.connection, tx.runtime.email_key(paid.email))
    if found is not None and known is None and customer is not None:
        external_ids.link(tx.connection, found, [("stripe", customer)])
    return found


def _is_smaller(paid: Paid) -> bool:
    return paid.seats_now is not None and paid.seats is not None and paid.seats_now < paid.seats


def _take_back(tx: Tx, offer: str, paid: Paid) -> None:
    order = None
    if not paid.is_taken_back and paid.seats_now and paid.plan and paid.term_months:
        order = Order(
            plan=paid.plan,
            seats=paid.seats_now,
            term_months=paid.term_months,
            prepaid=True,
            paid_at=paid.paid_at,
            amount=Amount(minor=paid.amount_minor, currency=paid.currency),
            billing_country=paid.country,
            invoice=paid.invoice,
        )
    try:
        reverse(tx, offer, order, _BY)
    except Conflict:
        return  # it was never redeemed, or is reversed already


def _ask_for_grants(tx: Tx, offer: str, lead: str, paid: Paid) -> None:
    for task in tasks.of_offer(tx.connection, offer):
        if task.state != "open" or task.kind != "grant" or task.give not in BY_STRIPE:
            continue
        if jobs.find(tx.connection, f"stripe:grant:{task.id}") is None:
            body = json.dumps({"subscription": paid.subscription})
            jobs.ask(tx.connection, "stripe", "grant", task.id, lead=lead, body=body, now=tx.now)
