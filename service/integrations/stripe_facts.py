"""What was fetched around one invoice of Stripe's, and what names it.

Shapes: docs.stripe.com/api/invoices/object; from 2025-03-31.basil on the subscription and its
metadata stand below `parent.subscription_details`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Object = Mapping[str, Any]
CYCLE = "subscription_cycle"
"""Why a later period's invoice was made: docs.stripe.com/api/invoices/object, `billing_reason`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFacts:
    """An invoice with all that was fetched around it, as Stripe answered."""

    invoice: Object
    lines: Sequence[Object]
    """Of all pages."""
    subscription: Object = field(default_factory=dict)
    items: Sequence[Object] = ()
    charges: Sequence[Object] = ()
    disputes: Mapping[str, Sequence[Object]] = field(default_factory=dict)
    """By charge."""
    refunds: Mapping[str, Sequence[Object]] = field(default_factory=dict)
    """By charge; those that failed too."""
    intents: Sequence[Object] = ()
    credit_notes: Sequence[Object] = ()
    earlier: Sequence[Object] = ()
    """The subscription's other paid invoices, where this one may be no first payment."""
    latest: Object = field(default_factory=dict)
    """The subscription's newest invoice, where it is another than this one."""

    @property
    def is_period_unpaid(self) -> bool:
        """Whether the newest invoice is of a period that began and was not paid."""
        newest = self._newest
        return newest.get("billing_reason") == CYCLE and newest.get("status") not in (None, "paid")

    @property
    def is_newest_paid(self) -> bool:
        """Whether the newest invoice is known to be paid."""
        return self._newest.get("status") == "paid"

    @property
    def _newest(self) -> Object:
        """The newest invoice; an empty one where it is not known."""
        named = id_of(self.subscription.get("latest_invoice"))
        newest = self.latest or self.invoice
        return newest if named in (None, newest.get("id")) else {}


def facts_beside(facts: InvoiceFacts, other: Object) -> InvoiceFacts:
    """Another invoice of the same subscription, as far as it came with this one."""
    lines = table_of(other, "lines").get("data")
    return InvoiceFacts(
        invoice=other,
        lines=lines if isinstance(lines, list) else [],
        subscription=facts.subscription,
        items=facts.items,
    )


def subscription_of(invoice: Object) -> str | None:
    """The subscription that an invoice bills."""
    details = table_of(table_of(invoice, "parent"), "subscription_details")
    return id_of(invoice.get("subscription")) or id_of(details.get("subscription"))


def metadata_of(facts: InvoiceFacts) -> Object:
    """The metadata of the subscription, before what the invoice copied of it, before its own."""
    details = table_of(table_of(facts.invoice, "parent"), "subscription_details")
    details = details or table_of(facts.invoice, "subscription_details")
    return {
        **table_of(facts.invoice, "metadata"),
        **table_of(details, "metadata"),
        **table_of(facts.subscription, "metadata"),
    }


def id_of(value: object) -> str | None:
    """The id of an object, or of one that was expanded."""
    if isinstance(value, Mapping):
        value = value.get("id")
    return value if isinstance(value, str) and value else None


def table_of(given: Object, name: str) -> Object:
    """An object within an object; an empty one where there is none."""
    value = given.get(name)
    return value if isinstance(value, Mapping) else {}
