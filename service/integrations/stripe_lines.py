"""The lines of an invoice of Stripe's, whichever version of its API wrote them.

Shapes: docs.stripe.com/api/invoice-line-item/object (2025-03-31.basil and later: `parent`,
`pricing`, `taxes`) and the same page at 2024-06-20 (`type`, `proration`, `price`, `tax_amounts`).
The official `stripe` package is not used here: its classes hold the names of the one version it
was built for, while an account's version is the account's own, so both would be read by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from service.integrations.inbound import text_of

_MONTHS = {"month": 1, "year": 12}
_DAYS = {"day": 1, "week": 7}
_DAYS_OF_YEAR = 365
_DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line; amounts are in Stripe's own unit."""

    id: str | None
    amount: int | None
    """Before discounts; with tax where the tax is inclusive."""
    discount: int
    credit: int
    """What of it was paid from a credit grant, which an invoice's total leaves out."""
    inclusive_tax: int
    tax: int
    """Inclusive and exclusive."""
    quantity: int | None
    is_proration: bool
    is_one_off: bool
    """An invoice item: a set-up fee, a service; no line of a subscription's price."""
    item: str | None
    """The subscription item."""
    price: str | None
    plan_names: tuple[str, ...]
    """What the price calls itself: lookup key and nickname."""
    period_start: int | None
    period_end: int | None
    credited: tuple[tuple[str, str], ...]
    """What a proration gives back: the lines, each by its invoice and its id, that billed it."""

    @property
    def net(self) -> int:
        """The amount less discounts and inclusive tax."""
        return (self.amount or 0) - self.discount - self.inclusive_tax

    @property
    def months(self) -> int:
        """The whole months of its period, nearest; 0 where it tells none."""
        if self.period_start is None or self.period_end is None:
            return 0
        days = (self.period_end - self.period_start) / _DAY_SECONDS
        return round(days * 12 / _DAYS_OF_YEAR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of a subscription as it stands."""

    id: str | None
    price: str | None
    quantity: int | None
    months: int
    """The price's interval in whole months, nearest, one at least: 4 weeks are one, 52 are 12; 0
    where it tells none."""
    is_metered: bool
    """Billed by usage: it has no seats."""
    plan_names: tuple[str, ...]
    marks: Mapping[str, str]
    """The metadata of the item and its price."""


def read_line(given: Mapping[str, Any]) -> Line:
    """One line of an invoice."""
    parent = _table(given, "parent")
    of_subscription = _table(parent, "subscription_item_details")
    one_off = _table(parent, "invoice_item_details")
    kind = text_of(parent, "type") or text_of(given, "type") or ""
    price = given.get("price")
    taxes = _list(given, "taxes") + _list(given, "tax_amounts")
    return Line(
        id=text_of(given, "id"),
        amount=whole(given.get("amount")),
        discount=sum(whole(one.get("amount")) or 0 for one in _list(given, "discount_amounts")),
        credit=sum(
            whole(one.get("amount")) or 0
            for one in _list(given, "pretax_credit_amounts")
            if one.get("type") == "credit_balance_transaction"  # discounts are listed here too
        ),
        inclusive_tax=sum(whole(one.get("amount")) or 0 for one in taxes if _is_inclusive(one)),
        tax=sum(whole(one.get("amount")) or 0 for one in taxes),
        quantity=_quantity(given),
        is_proration=True in (t.get("proration") for t in (given, of_subscription, one_off)),
        is_one_off=kind in ("invoice_item_details", "invoiceitem"),
        item=text_of(given, "subscription_item") or text_of(of_subscription, "subscription_item"),
        price=_id(price)
        or _id(_table(_table(given, "pricing"), "price_details").get("price"))
        or _id(given.get("plan")),
        plan_names=_plan_names(price),
        period_start=whole(_table(given, "period").get("start")),
        period_end=whole(_table(given, "period").get("end")),
        credited=_credited(given, of_subscription, one_off),
    )


def read_item(given: Mapping[str, Any]) -> Item:
    """One item of a subscription."""
    price = _table(given, "price") or _table(given, "plan")
    recurring = _table(price, "recurring") or price
    interval, count = str(recurring.get("interval")), whole(recurring.get("interval_count")) or 1
    days = _DAYS.get(interval, 0) * count
    months = max(round(days * 12 / _DAYS_OF_YEAR), 1) if days else _MONTHS.get(interval, 0) * count
    marks = {**_table(price, "metadata"), **_table(given, "metadata")}
    return Item(
        id=text_of(given, "id"),
        price=text_of(price, "id"),
        quantity=whole(given.get("quantity")),
        months=months,
        is_metered=recurring.get("usage_type") == "metered",
        plan_names=_plan_names(price),
        marks={str(name): str(value) for name, value in marks.items()},
    )


def taxes_of(given: Mapping[str, Any]) -> int | None:
    """All tax of an invoice or a credit note, inclusive and exclusive; None where none is told."""
    for name in ("total_taxes", "total_tax_amounts", "tax_amounts"):
        if isinstance(given.get(name), list):
            return sum(whole(one.get("amount")) or 0 for one in _list(given, name))
    return whole(given.get("tax"))


def net_of(given: Mapping[str, Any], lines: Iterable[Line] = ()) -> int | None:
    """The total of an invoice or a credit note without tax; None where no total is told."""
    net = whole(given.get("total_excluding_tax"))
    if net is not None:
        return net
    total = whole(given.get("total"))
    tax = taxes_of(given)
    if tax is None:
        tax = sum(line.tax for line in lines)
    return None if total is None else total - tax


def whole(value: object) -> int | None:
    """A whole number, or None."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _quantity(given: Mapping[str, Any]) -> int | None:
    """From 2026-03-25.dahlia on a decimal stands beside the whole number, which is to go."""
    told = whole(given.get("quantity"))
    if told is not None:
        return told
    try:
        return int(Decimal(str(given.get("quantity_decimal"))))
    except (InvalidOperation, ValueError, OverflowError):
        return None


def _credited(*told: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """docs.stripe.com/api/invoice-line-item/object: `proration_details.credited_items`, which
    names one invoice and lines of it; from 2025-03-31.basil on below `parent`."""
    found = [_table(_table(one, "proration_details"), "credited_items") for one in told]
    return tuple(
        (invoice, line)
        for one in found
        if (invoice := _id(one.get("invoice"))) is not None
        for line in one.get("invoice_line_items") or ()
        if isinstance(line, str)
    )


def _is_inclusive(tax: Mapping[str, Any]) -> bool:
    return tax.get("tax_behavior") == "inclusive" or tax.get("inclusive") is True


def _plan_names(price: object) -> tuple[str, ...]:
    if not isinstance(price, Mapping):
        return ()
    names = (text_of(price, "lookup_key"), text_of(price, "nickname"))
    return tuple(name for name in names if name)


def _id(value: object) -> str | None:
    """The id of an object, or of one that was expanded."""
    if isinstance(value, Mapping):
        value = value.get("id")
    return value if isinstance(value, str) and value else None


def _table(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = given.get(name)
    return value if isinstance(value, Mapping) else {}


def _list(given: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = given.get(name)
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
