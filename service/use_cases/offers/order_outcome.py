"""An order that redeemed an offer is a sale like any other: it converts its lead, once."""

from __future__ import annotations

from offers.money import Money
from offers.terms import Order
from service.domain.account_money import SALES
from service.domain.lead_record import time_text
from service.schemas.facts import Outcome
from service.schemas.parsing import read_model
from service.store.leads import account_ledger, facts, leads
from service.store.offers.offers import StoredOffer
from service.use_cases.leads.outcomes import settle_outcome
from service.use_cases.tx import Tx


def order_of(outcome: Outcome) -> Order | None:
    """The order that an outcome tells of; None where plan, seats or term is missing."""
    if outcome.plan is None or not outcome.seats or not outcome.term_months:
        return None
    paid = outcome.amount
    return Order(
        plan=outcome.plan,
        seats=outcome.seats,
        term_months=outcome.term_months,
        prepaid=outcome.prepaid is True,
        period_months=outcome.period_months,
        begun_at=outcome.begun_at,
        paid_at=None if paid is None else outcome.at,
        amount=None if paid is None else Money(minor=paid.minor, currency=paid.currency),
        billing_country=outcome.billing_country,
        invoice=outcome.invoice,
        shows=outcome.shows or {},
    )


def tell_sale(tx: Tx, stored: StoredOffer, order: Order) -> None:
    """The paid order of a redeemed offer as an outcome, unless one told of its invoice already."""
    assert order.paid_at is not None  # nothing is redeemed before it is paid
    lead = leads.lock(tx.connection, stored.lead)
    if lead is None or _is_known(tx, lead.id, lead.account, order.invoice):
        return
    paid = order.amount
    told = {
        "id": f"redeemed:{stored.id}",
        "lead_id": lead.id,
        "kind": "converted",
        "at": time_text(order.paid_at),
        "plan": order.plan,
        "seats": order.seats,
        "term_months": order.term_months,
        "prepaid": order.prepaid,
        "period_months": order.period_months,
        "amount": None if paid is None else {"minor": paid.minor, "currency": paid.currency},
        "billing_country": order.billing_country,
        "invoice": order.invoice,
    }
    outcome = read_model(Outcome, told)
    facts.insert_outcome(
        tx.connection,
        id=outcome.id,
        lead=lead.id,
        kind=outcome.kind,
        at=outcome.at,
        body=outcome.model_dump_json(exclude_none=True),
        now=tx.now,
    )
    settle_outcome(tx, lead, outcome)


def _is_known(tx: Tx, lead: str, account: str | None, invoice: str | None) -> bool:
    told = (
        account_ledger.of_lead(tx.connection, lead)
        if account is None
        else account_ledger.of_account(tx.connection, account)
    )
    return any(entry.invoice == invoice for entry in told if entry.kind in SALES)
