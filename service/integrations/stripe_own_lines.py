"""Which lines of an invoice are of our own price, and what they come to."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from service.integrations.inbound import text_of
from service.integrations.stripe_currency import to_stripe
from service.integrations.stripe_facts import InvoiceFacts, Object, metadata_of, subscription_of
from service.integrations.stripe_lines import Item, Line, net_of, read_item, read_line, whole

OFFER = "giveget_offer"
PLAN = "giveget_plan"
"""Metadata that our checkout writes, or whoever makes the subscription by hand."""


def own_lines(facts: InvoiceFacts, unit_minor: int | None = None) -> list[Line]:
    """The lines of our own price that are no proration.

    Ours is the price that says so: by the metadata of the price or its item, else by a name that
    is the plan's, else by our list price; failing these the subscription's first item.
    """
    whole_invoice = [line for line in map(read_line, facts.lines) if not line.is_proration]
    lines = [line for line in whole_invoice if not line.is_one_off]
    if not lines and subscription_of(facts.invoice) is None:
        lines = whole_invoice  # an invoice by hand holds nothing but invoice items
    if not lines:
        return []
    items = [read_item(item) for item in facts.items]
    plan = text_of(metadata_of(facts), PLAN)
    currency = (text_of(facts.invoice, "currency") or "").upper()

    def item_of(line: Line) -> Item | None:
        by_id = (item for item in items if item.id is not None and item.id == line.item)
        by_price = (item for item in items if item.price is not None and item.price == line.price)
        return next(by_id, None) or next(by_price, None)

    def is_marked(line: Line) -> bool:
        item = item_of(line)
        return item is not None and bool({OFFER, PLAN} & item.marks.keys())

    def is_named(line: Line) -> bool:
        item = item_of(line)
        names = (*line.plan_names, *(() if item is None else item.plan_names))
        return plan is not None and plan.casefold() in [name.casefold() for name in names]

    def is_listed(line: Line) -> bool:
        item = item_of(line)
        if unit_minor is None or item is None or not item.months or line.quantity is None:
            return False
        return line.amount == line.quantity * to_stripe(unit_minor * item.months, currency)

    def is_first(line: Line) -> bool:
        item = item_of(line)
        return item is not None and item == items[0]

    signs: tuple[Callable[[Line], bool], ...] = (is_marked, is_named, is_listed, is_first)
    chosen = next((line for sign in signs for line in lines if sign(line)), lines[0])
    return [line for line in lines if line == chosen or _is_same_price(line, chosen, item_of)]


def own_items(facts: InvoiceFacts, own: Sequence[Line]) -> list[Item]:
    """The subscription's items of the own lines' price; the first where the lines name none."""
    items = [read_item(item) for item in facts.items]
    ids = {line.item for line in own if line.item}
    prices = {line.price for line in own if line.price}
    prices |= {item.price for item in items if item.id in ids and item.price}
    named = [item for item in items if item.id in ids or item.price in prices]
    return named or items[:1]


def own_net(invoice: Object, lines: Sequence[Line], own: Sequence[Line]) -> int:
    """What the own lines come to without tax, in Stripe's unit.

    The invoice's own total decides: the other lines are taken off it, so that a discount which
    stands on the invoice only is never lost.
    """
    others = sum(line.net for line in lines if line not in own)
    net = net_of(invoice, lines)
    if net is not None:
        shipping = whole(invoice.get("amount_shipping"))
        return net - others - (shipping or 0)
    if has_amounts(own):
        return sum(line.net for line in own)
    return (whole(invoice.get("amount_paid")) or 0) - others


def has_amounts(own: Sequence[Line]) -> bool:
    """Whether any of the lines says what it comes to."""
    return any(line.amount is not None for line in own)


def _is_same_price(line: Line, other: Line, item_of: Callable[[Line], Item | None]) -> bool:
    if line.item is not None and line.item == other.item:
        return True  # a line for each tier
    if line.price is not None and line.price == other.price:
        return True
    item, chosen = item_of(line), item_of(other)
    return item is not None and item == chosen
