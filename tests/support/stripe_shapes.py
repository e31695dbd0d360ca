"""Objects as Stripe's API documents them, in its 2024 and its 2025 (basil and later) shapes.

Source: docs.stripe.com/api, pages "The Invoice object", "The Invoice Line Item object", "The
Subscription object", "The Charge object", "The Credit Note object", each at `api-version`
2024-06-20 and 2025-04-30.basil. Totals follow from the lines, as they do at Stripe.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

Version = Literal["2024-06-20", "2025-04-30.basil"]
VERSIONS: tuple[Version, ...] = ("2024-06-20", "2025-04-30.basil")
OLD, NEW = VERSIONS
Object = dict[str, Any]


def a_line(
    version: Version,
    quantity: int,
    amount: int,
    *,
    price: str = "price_seat",
    item: str = "si_seat",
    id: str | None = None,
    discount: int = 0,
    tax: int = 0,
    is_inclusive: bool = False,
    is_proration: bool = False,
    is_one_off: bool = False,
    starts: int = 0,
    months: int = 12,
    credits: tuple[str, str] | None = None,
) -> Object:
    """A line of an invoice; `tax` is on top of the amount, or in it. `credits` names the line that
    a proration gives back, by its invoice and its id."""
    line: Object = {
        "id": id or f"il_{price}_{quantity}_{amount}",
        "object": "line_item",
        "amount": amount,
        "quantity": quantity,
        "discount_amounts": [{"amount": discount, "discount": "di_1"}] if discount else [],
        "period": {"start": starts, "end": starts + months * 2_628_000} if starts else {},
    }
    invoice, credited = credits or ("", "")
    items = {"invoice": invoice, "invoice_line_items": [credited]} if credits else None
    proration: Object = {"proration_details": {"credited_items": items}} if is_proration else {}
    if version == OLD:
        taxes = [{"amount": tax, "inclusive": is_inclusive, "tax_rate": "txr_1"}] if tax else []
        return line | {
            "type": "invoiceitem" if is_one_off or is_proration else "subscription",
            "proration": is_proration,
            "subscription_item": None if is_one_off else item,
            "price": {"id": price, "object": "price", "lookup_key": None, "nickname": None},
            "tax_amounts": taxes,
            **proration,
        }
    behaviour = "inclusive" if is_inclusive else "exclusive"
    details: Object = {"proration": is_proration, **proration}
    kind = "invoice_item_details" if is_one_off else "subscription_item_details"
    if not is_one_off:
        details |= {"subscription_item": item}
    return line | {
        "parent": {"type": kind, kind: details},
        "pricing": {"type": "price_details", "price_details": {"price": price, "product": "p_1"}},
        "taxes": [{"amount": tax, "tax_behavior": behaviour}] if tax else [],
    }


def an_invoice(
    version: Version,
    id: str,
    lines: list[Object],
    *,
    paid_at: datetime | None,
    currency: str = "usd",
    subscription: str | None = "sub_1",
    customer: str = "cus_1",
    email: str = "buyer@large.example",
    reason: str = "subscription_create",
    balance: int = 0,
    metadata: Object | None = None,
    has_more: bool = False,
    is_live: bool = True,
    status: str = "paid",
) -> Object:
    """An invoice whose totals follow from its lines; `balance` is paid from the customer's."""
    taxes = [tax for line in lines for tax in line.get("taxes") or line.get("tax_amounts") or []]
    on_top = sum(t["amount"] for t in taxes if not _is_inclusive(t))
    tax = sum(t["amount"] for t in taxes)
    discounts = sum(d["amount"] for line in lines for d in line["discount_amounts"])
    subtotal = sum(line["amount"] for line in lines)
    total = subtotal - discounts + on_top
    due = max(total - balance, 0)
    invoice: Object = {
        "id": id,
        "object": "invoice",
        "status": status,
        "livemode": is_live,
        "customer": customer,
        "customer_email": email,
        "customer_address": {"country": "US"},
        "currency": currency,
        "billing_reason": reason,
        "subtotal": subtotal,
        "total": total,
        "total_excluding_tax": total - tax,
        "amount_due": due,
        "amount_paid": due if status == "paid" else 0,
        "starting_balance": -balance,
        "ending_balance": 0,
        "metadata": metadata or {},
        "status_transitions": {"paid_at": None if paid_at is None else int(paid_at.timestamp())},
        "lines": {"object": "list", "data": lines, "has_more": has_more},
    }
    if version == OLD:
        return invoice | {
            "subscription": subscription,
            "charge": f"ch_{id.removeprefix('in_')}",
            "tax": tax or None,
            "total_tax_amounts": taxes,
        }
    details = {"subscription": subscription, "metadata": {}}
    parent = {"type": "subscription_details", "subscription_details": details}
    return invoice | {"parent": parent if subscription else None, "total_taxes": taxes}


def an_item(
    quantity: int,
    *,
    id: str = "si_seat",
    price: str = "price_seat",
    months: int = 12,
    lookup_key: str | None = None,
    starts: int = 0,
    ends: int = 0,
) -> Object:
    """An item of a subscription."""
    return {
        "id": id,
        "object": "subscription_item",
        "quantity": quantity,
        "price": {
            "id": price,
            "object": "price",
            "lookup_key": lookup_key,
            "metadata": {},
            "recurring": {"interval": "month", "interval_count": months},
        },
        "metadata": {},
        "current_period_start": starts,
        "current_period_end": ends,
    }


def a_subscription(
    items: list[Object],
    *,
    id: str = "sub_1",
    status: str = "active",
    metadata: Object | None = None,
    **more: Any,
) -> Object:
    """A subscription as it stands."""
    return {
        "id": id,
        "object": "subscription",
        "status": status,
        "metadata": metadata or {},
        "items": {"object": "list", "data": items, "has_more": False},
        "pause_collection": None,
        "ended_at": None,
        "canceled_at": None,
        **more,
    }


def a_charge(
    id: str, amount: int, *, refunded: int = 0, is_disputed: bool = False, **more: Any
) -> Object:
    """A charge, and what of it was given back."""
    return {
        "id": id,
        "object": "charge",
        "amount": amount,
        "amount_refunded": refunded,
        "refunded": refunded == amount > 0,
        "disputed": is_disputed,
        **more,
    }


def a_credit_note(
    version: Version,
    net: int,
    *,
    tax: int = 0,
    refunded: int = 0,
    of_line: str | None = None,
    status: str = "issued",
) -> Object:
    """A credit note; `refunded` is the refund that it explains."""
    note: Object = {
        "id": "cn_1",
        "object": "credit_note",
        "status": status,
        "amount": net + tax,
        "total": net + tax,
        "total_excluding_tax": net,
        "post_payment_amount": net + tax,
        "lines": {"object": "list", "data": []},
    }
    if of_line is not None:
        line = {"id": "cnli_1", "amount": net, "invoice_line_item": of_line, "discount_amounts": []}
        note["lines"]["data"].append(line)
    if version == OLD:
        return note | {"refund": "re_1" if refunded else None, "tax_amounts": [{"amount": tax}]}
    refunds = [{"refund": "re_1", "amount_refunded": refunded}] if refunded else []
    return note | {"refunds": refunds, "total_taxes": [{"amount": tax}]}


def _is_inclusive(tax: Object) -> bool:
    return tax.get("inclusive") is True or tax.get("tax_behavior") == "inclusive"
