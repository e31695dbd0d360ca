"""Invoices of one yearly subscription of 40 seats, from which tables of rarer shapes are made."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from service.integrations.stripe_facts import InvoiceFacts
from tests.support import stripe_shapes as shapes
from tests.support.stripe_shapes import Object, Version, a_line, an_invoice, an_item

PAID = datetime(2026, 9, 3, 10, 15, tzinfo=UTC)
START = int(PAID.timestamp())
DAY = 86_400
MONTH = 30 * DAY
UNIT = 1900
MONTHLY, YEARLY = 40 * UNIT, 40 * 12 * UNIT
METADATA = {"giveget_offer": "offer_x", "giveget_plan": "team", "giveget_term_months": "12"}
OFFER_ALONE = {"giveget_offer": "offer_x", "giveget_term_months": "12"}
Build = Callable[[Version], InvoiceFacts]


def facts(
    version: Version,
    lines: list[Object],
    items: list[Object] | None = None,
    *,
    metadata: Object | None = None,
    earlier: list[Object] | None = None,
    charges: list[Object] | None = None,
    more: Object | None = None,
    **invoice: Any,
) -> InvoiceFacts:
    """A paid invoice of a yearly subscription of 40 seats; `more` overwrites its fields."""
    found = [an_item(40)] if items is None else items
    made = an_invoice(version, "in_1", lines, **({"paid_at": PAID} | invoice))
    about = METADATA if metadata is None else metadata
    return InvoiceFacts(
        invoice=made | (more or {}),
        lines=lines,
        subscription=shapes.a_subscription(found, metadata=about),
        items=found,
        charges=charges or [],
        earlier=earlier or [],
    )


def seats(version: Version, amount: int = YEARLY, quantity: int = 40, **more: Any) -> Object:
    return a_line(version, quantity, amount, **more)


def other(version: Version, amount: int, quantity: int = 3, **more: Any) -> Object:
    """A line of another price of the same subscription."""
    return a_line(version, quantity, amount, price="price_other", item="si_other", **more)


def other_item(months: int = 12, quantity: int | None = 3, *, is_metered: bool = False) -> Object:
    item = an_item(3, id="si_other", price="price_other", months=months)
    item["price"]["recurring"]["usage_type"] = "metered" if is_metered else "licensed"
    item["quantity"] = quantity
    if quantity is None:
        del item["quantity"]  # a metered item has none
    return item


def with_period(line: Object, starts: int, ends: int) -> Object:
    return line | {"period": {"start": starts, "end": ends}}


def months_of(version: Version, count: int) -> list[Object]:
    """One line for each month of 40 seats, as flexible billing writes them."""
    return [
        with_period(
            seats(version, MONTHLY, id=f"il_{n}"), START + n * MONTH, START + (n + 1) * MONTH
        )
        for n in range(count)
    ]


def credited(line: Object, credit: int, discount: int = 0) -> Object:
    """A line on which a credit grant was used; a discount stands among its credits too."""
    amounts: list[Object] = [
        {"amount": credit, "type": "credit_balance_transaction", "credit_balance_transaction": "c"}
    ]
    if discount:
        amounts.append({"amount": discount, "type": "discount", "discount": "di_1"})
    return line | {"pretax_credit_amounts": amounts}


def less_credit(invoice: InvoiceFacts, credit: int) -> InvoiceFacts:
    """The invoice's totals are less by what was paid from a credit grant."""
    told = dict(invoice.invoice)
    for name in ("total", "total_excluding_tax", "amount_due", "amount_paid"):
        told[name] -= credit
    told["total_pretax_credit_amounts"] = [
        {"amount": credit, "type": "credit_balance_transaction", "credit_balance_transaction": "c"}
    ]
    return InvoiceFacts(
        invoice=told, lines=invoice.lines, subscription=invoice.subscription, items=invoice.items
    )


def priced(item: Object, **price: Any) -> Object:
    return item | {"price": item["price"] | price}


def with_interval(item: Object, interval: str, count: int) -> Object:
    return priced(item, recurring={"interval": interval, "interval_count": count})
