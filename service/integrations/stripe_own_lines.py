"""Which lines of an invoice are of our own price, and what they come to."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from offers.money import rounded
from service.integrations.inbound import text_of
from service.integrations.stripe_currency import to_stripe
from service.integrations.stripe_facts import (
    InvoiceFacts,
    Object,
    facts_beside,
    metadata_of,
    subscription_of,
)
from service.integrations.stripe_lines import Item, Line, net_of, read_item, read_line, whole

OFFER = "giveget_offer"
PLAN = "giveget_plan"
"""Metadata that our checkout writes, or whoever makes the subscription by hand."""


def own_lines(
    facts: InvoiceFacts, unit_minor: int | None = None, *, prorated: bool = False
) -> list[Line]:
    """The lines of our own price that are no proration; those that are one where asked for.

    Ours is the price that says so: by the metadata of the price or its item (of several, that of
    the subscription's own plan), else by a name that is the plan's, else by our list price; failing
    these the subscription's first item that is no usage. An invoice without that item, of an add-on
    that is billed more often, has none. Prorations are of ours, too, where one item took another's
    place.
    """
    found = map(read_line, facts.lines)
    whole_invoice = [line for line in found if line.is_proration == prorated]
    lines = [line for line in whole_invoice if prorated or not line.is_one_off]
    if not lines and subscription_of(facts.invoice) is None:
        # an invoice by hand holds nothing but invoice items
        lines = [line for line in whole_invoice if not is_credit_line(line)]
    if not lines:
        return []
    items = [read_item(item) for item in facts.items]
    plan = text_of(metadata_of(facts), PLAN)
    currency = (text_of(facts.invoice, "currency") or "").upper()
    usual = next((item for item in items if not item.is_metered), next(iter(items), None))

    def item_of(line: Line) -> Item | None:
        by_id = (item for item in items if item.id is not None and item.id == line.item)
        by_price = (item for item in items if item.price is not None and item.price == line.price)
        return next(by_id, None) or next(by_price, None)

    def is_plans(line: Line) -> bool:
        item = item_of(line)
        mark = None if item is None else item.marks.get(PLAN)
        return plan is not None and mark is not None and mark.casefold() == plan.casefold()

    def is_marked(line: Line) -> bool:
        item = item_of(line)
        return item is not None and bool({OFFER, PLAN} & item.marks.keys())

    def is_named(line: Line) -> bool:
        item = item_of(line)
        names = (*line.plan_names, *(() if item is None else item.plan_names))
        return plan is not None and plan.casefold() in [name.casefold() for name in names]

    def is_listed(line: Line) -> bool:
        item = item_of(line)
        months = line.months if item is None else item.months
        if unit_minor is None or not months or line.quantity is None:
            return False
        return line.amount == line.quantity * to_stripe(unit_minor * months, currency)

    def is_first(line: Line) -> bool:
        return usual is not None and item_of(line) == usual

    def is_gone(line: Line) -> bool:
        return item_of(line) is None and _was_ours(line, facts, unit_minor) is not False

    signs: tuple[Callable[[Line], bool], ...]
    signs = (is_plans, is_marked, is_named, is_listed, is_first, is_gone)
    chosen = next((line for sign in signs for line in lines if sign(line)), None)
    if chosen is None:
        return []
    own = [line for line in lines if line == chosen or _is_same_price(line, chosen, item_of)]
    return _with_replaced(own, lines, is_gone, facts, unit_minor) if prorated else own


def _with_replaced(
    own: list[Line],
    lines: Sequence[Line],
    is_gone: Callable[[Line], bool],
    facts: InvoiceFacts,
    unit_minor: int | None,
) -> list[Line]:
    """Our own prorations with those of items that are there no more, whose place ours took, or
    that took ours, one after the other.

    docs.stripe.com/billing/subscriptions/prorations: a change credits what was held and bills what
    is held now from the same moment on. Where only one of the two is of ours, the other is of an
    item that was removed, or added, with it.
    """
    own, gone = list(own), [line for line in lines if line not in own and is_gone(line)]
    while other := _other_side(own, gone, facts, unit_minor):
        more = [
            line for line in gone if line == other or _is_same_price(line, other, lambda _: None)
        ]
        own += more
        gone = [line for line in gone if line not in more]
    return [line for line in lines if line in own]


def _other_side(
    own: Sequence[Line], gone: Sequence[Line], facts: InvoiceFacts, unit_minor: int | None
) -> Line | None:
    """The missing side of a change: what is known to have been ours, else of as many seats."""
    for moment in {line.period_start for line in own}:
        then = [line for line in own if line.period_start == moment and line.amount]
        if len({_is_credit(line) for line in then}) != 1:
            continue
        one = then[0]
        sides = [
            line
            for line in gone
            if line.period_start == moment and line.amount and _is_credit(line) != _is_credit(one)
        ]
        known = [line for line in sides if _was_ours(line, facts, unit_minor)]
        alike = [line for line in sides if line.quantity == one.quantity]
        if found := (known or alike or sides):
            return found[0]
    return None


def _is_credit(line: Line) -> bool:
    return (line.amount or 0) < 0


def _was_ours(line: Line, facts: InvoiceFacts, unit_minor: int | None) -> bool | None:
    """Whether what a line gives back was billed for our own price; None where that is not known."""
    earlier = {str(one.get("id")): one for one in facts.earlier}
    for invoice, id in line.credited:
        if invoice not in earlier:
            continue
        its = facts_beside(facts, earlier[invoice])
        billed = next((one for one in map(read_line, its.lines) if one.id == id), None)
        if billed is not None:
            own = own_lines(its, unit_minor, prorated=billed.is_proration)
            return id in {one.id for one in own}
    return None


def own_items(facts: InvoiceFacts, own: Sequence[Line]) -> list[Item]:
    """The subscription's items of the own lines' price.

    Where it has none of them any more, the first that no other line is of: a price that replaced
    ours.
    """
    items = [read_item(item) for item in facts.items]
    others = [line for line in map(read_line, facts.lines) if line not in own]
    named = _items_of(items, own)
    theirs = _items_of(items, others)
    return named or [item for item in items if not item.is_metered and item not in theirs][:1]


def seats_of(facts: InvoiceFacts, own: Sequence[Line]) -> int | None:
    """The seats of our own price that the subscription has now; None where it does not say."""
    if not own or not facts.items:
        return None
    now = [item.quantity for item in own_items(facts, own)]
    return None if None in now else sum(quantity or 0 for quantity in now)


def own_net(invoice: Object, lines: Sequence[Line], own: Sequence[Line]) -> int:
    """What the own lines come to without tax, in Stripe's unit.

    The invoice's own total decides: the other lines are taken off it, so that a discount which
    stands on the invoice only is never lost. What was paid from credit grants counts as paid.
    """
    others = sum(line.net for line in lines if line not in own) - credited_net(lines, own)
    net = net_of(invoice, lines)
    if net is not None:
        shipping = whole(invoice.get("amount_shipping"))
        return net + sum(line.credit for line in lines) - others - (shipping or 0)
    if has_amounts(own):
        return sum(line.net for line in own) + credited_net(lines, own)
    return (whole(invoice.get("amount_paid")) or 0) - others


def credited_net(lines: Sequence[Line], own: Sequence[Line]) -> int:
    """What the credits and discounts that stand on lines of their own take off the own lines.

    Nothing says which line they are of, so each of what is billed bears its part. Below 0.
    """
    off = sum(line.net for line in lines if is_credit_line(line) and line not in own)
    billed = sum(line.net for line in lines if line.net > 0)
    ours = sum(line.net for line in own if line.net > 0)
    return -rounded(-off * ours, billed) if off and billed else 0


def is_credit_line(line: Line) -> bool:
    """docs.stripe.com/api/invoiceitems: an invoice item below 0 that is no proration."""
    return line.is_one_off and not line.is_proration and _is_credit(line)


def has_amounts(own: Sequence[Line]) -> bool:
    """Whether any of the lines says what it comes to."""
    return any(line.amount is not None for line in own)


def _items_of(items: Sequence[Item], lines: Sequence[Line]) -> list[Item]:
    ids = {line.item for line in lines if line.item}
    prices = {line.price for line in lines if line.price}
    prices |= {item.price for item in items if item.id in ids and item.price}
    return [item for item in items if item.id in ids or item.price in prices]


def _is_same_price(line: Line, other: Line, item_of: Callable[[Line], Item | None]) -> bool:
    if line.item is not None and line.item == other.item:
        return True  # a line for each tier
    if line.price is not None and line.price == other.price:
        return True
    item, chosen = item_of(line), item_of(other)
    return item is not None and item == chosen
