"""What the offers changed: one picture, the readings, and each rule by itself."""

from __future__ import annotations

from typing import Any

from scoring.experiments.assignment import NotRandom
from scoring.experiments.effect import Effect
from scoring.experiments.readings import crossed, too_few_in_words
from service.console.effect_picture import effect_picture
from service.console.page_context import PageContext
from service.console.table import Column, Table
from service.use_cases.views.earned import earned, earned_json, together
from service.use_cases.views.measured_effects import (
    Measured,
    earliest_verdict,
    estimate,
    in_money,
    in_points,
    measured,
    net_in_words,
    next_in_words,
    next_reading,
    small_in_words,
    to_come,
    verdict_in_words,
    without_offer,
)
from service.use_cases.views.measured_sizes import measured_sizes
from service.use_cases.views.verdict_reason import headline, why_in_words

_EFFECTS = (
    Column("rule", "Rule", "name"),
    Column("offered", "Offered", "number"),
    Column("offered_rate", "Bought", "percent"),
    Column("controls", "Held out", "number"),
    Column("controls_rate", "Bought", "percent"),
    Column("estimate", "Difference (95 %)"),
    Column("verdict", "Verdict", "long"),
    Column("still_needed", "Still needed", "number"),
    Column("still_held_out", "Held out", "number"),
    Column("verdict_at", "Earliest verdict", "time"),
)
_EARNED = (
    Column("rule", "Rule", "name"),
    Column("offers", "Offers", "number"),
    Column("redeemed", "Redeemed", "number"),
    Column("sold_minor", "Sold, net", "money"),
    Column("conceded_minor", "Conceded", "money"),
    Column("open_minor", "Still open, at most", "money"),
    Column("net", "Gained over the held out, less cost", "long"),
)
_READINGS = (
    Column("accounts", "Accounts", "number"),
    Column("state", "State", "long"),
    Column("low", "Limit below", "points"),
    Column("high", "Limit above", "points"),
    Column("taken_at", "Taken", "time"),
)


_SIZES = (
    Column("rule", "Rule", "name"),
    Column("give", "Extra"),
    Column("dose", "Size", "number"),
    Column("n", "Offered", "number"),
    Column("rate", "Bought", "percent"),
    Column("net", "Net of a sale's worth", "points"),
    Column("state", "", "state"),
)


_NO_OFFER = dict.fromkeys([each.name for each in _EFFECTS]) | {
    "offered": 0,
    "controls": 0,
    "verdict": "no offer yet",
}


def page(look: PageContext) -> dict[str, Any]:
    """What the page shows: the policy assigned under last, or `?policy=`."""
    made = measured(look.connection, look.asked.get("policy"), now=look.now)
    found, why = _read(made)
    return {
        "policy": made.policy,
        "why": why,
        "young": made.young,
        "both_arms": made.found.both_arms,
        "days": made.days,
        "says": None if found is None else headline(found, made),
        "reason": None if found is None else why_in_words(found, made),
        "estimate": None if found is None else _estimate(found, made),
        "money": None
        if found is None or found.money is None
        else in_money(found.money, made.currency),
        "picture": None if found is None else effect_picture(found, len(made.mature)),
        "next": _next(found, made),
        "readings": _readings(found, made),
        "effects": effects(look),
        "earned": earnings(look),
        "sizes": _sizes(made),
    }


def effects(look: PageContext) -> Table:
    """All offers together, and those due each rule's: `?policy=`."""
    made = measured(look.connection, look.asked.get("policy"), now=look.now)
    due = sorted({each.first.rule for each in made.found.accounts})
    every = [made] if made.found.accounts else []
    every += [measured(look.connection, made.policy, now=look.now, rule=rule) for rule in due]
    rows = [_row(each) for each in every]
    if every:
        rows += [_NO_OFFER | {"rule": rule} for rule in without_offer(made, look.runtime.policy)]
    return Table(
        name="effects",
        title="Rule by rule",
        columns=_EFFECTS,
        rows=rows,
        empty="Nobody was assigned yet: an account is, when an offer is first due to it and "
        "[guardrails] holdout says who gets none.",
        asked={"policy": made.policy} if made.policy else None,
    )


def earnings(look: PageContext) -> Table:
    """What each rule's offers sold and cost, a line a currency, and the net gain: `?policy=`."""
    policy = look.asked.get("policy")
    made = measured(look.connection, policy, now=look.now)
    of = made.policy or look.runtime.policy.id
    currency = made.currency or look.runtime.policy.currency
    rows: list[dict[str, Any]] = []
    lines = earned(look.connection, of, currency)
    every = together(lines)
    for line in (*([] if every is None else [every]), *lines):
        is_one = line is not every
        found, why = _read(
            measured(look.connection, of, now=look.now, rule=line.rule) if is_one else made
        )
        rows.append(
            earned_json(line)
            | {"sold_minor": line.sold.get(currency, 0)}
            | {"net": why if found is None else net_in_words(found, currency)}
        )
        rows += [
            dict.fromkeys([each.name for each in _EARNED])
            | {"rule": line.rule, "currency": other, "sold_minor": minor}
            for other, minor in sorted(line.sold.items())
            if other != currency
        ]
    return Table(
        name="earned",
        title="Money, rule by rule",
        columns=_EARNED,
        rows=rows,
        empty="No offer has been issued yet.",
        note="Sold is what the orders of redeemed offers came to, those who would have bought "
        "anyway too; a trade without an order sold nothing. Gained is what accounts due an offer "
        "paid more than the held out, less what the gives cost, within "
        f"{made.days} days, with its 95 % interval.",
        asked={"policy": of},
    )


def readings(look: PageContext) -> Table:
    """The readings: `?policy=`."""
    made = measured(look.connection, look.asked.get("policy"), now=look.now)
    return _readings(_read(made)[0], made)


def sizes(look: PageContext) -> Table:
    """The sizes of extras that chance drew: `?policy=`."""
    return _sizes(measured(look.connection, look.asked.get("policy"), now=look.now))


def _sizes(made: Measured) -> Table:
    return Table(
        name="sizes",
        title="Sizes of extras",
        columns=_SIZES,
        rows=[
            {"rule": found.rule, "give": found.give, "dose": round(each.dose)}
            | {name: getattr(each, name) for name in ("n", "rate", "net")}
            | {"state": "best" if each is found.best else None}
            for found in measured_sizes(made.found.everybody)
            for each in found.table
        ],
        empty="No rule lets chance draw a size: give = { extra_months = [1, 2, 3] } does.",
        note="The smallest size that is worth as much as the best, for all that chance can tell.",
        asked={"policy": made.policy} if made.policy else None,
    )


def _readings(found: Effect | None, made: Measured) -> Table:
    rows = []
    coming = {each.accounts: each for each in to_come(made)}
    for each in () if found is None else found.readings:
        state = "crossed" if each.crossed else "not crossed" if each.reached else "to come"
        if each.reached and each.low is None:
            state = too_few_in_words(each)
        if (known := coming.get(each.accounts)) is not None and not known.can_decide:
            state = f"to come, too early to decide: {small_in_words(known)}"
        low, high = (None if end is None else 100 * end for end in (each.low, each.high))
        kept = made.taken.get(each.accounts)
        rows.append(
            {
                "accounts": each.accounts,
                "state": state,
                "low": low,
                "high": high,
                "taken_at": None if kept is None else kept.at,
            }
        )
    return Table(
        name="readings",
        title="Readings",
        columns=_READINGS,
        rows=rows,
        empty="No readings are fixed: publishing a policy with a holdout fixes them.",
        note="A verdict falls on these only, so that looking every day makes none false.",
        asked={"policy": made.policy} if made.policy else None,
    )


def _read(made: Measured) -> tuple[Effect | None, str]:
    """The effect, or why there is none."""
    try:
        return estimate(made), ""
    except NotRandom as error:
        return None, str(error)


def _next(found: Effect | None, made: Measured) -> str | None:
    """When the next reading is, where the verdict fell; an open one says when it can fall."""
    following = next_reading(made)
    if found is None or following is None or not crossed(found.verdict):
        return None
    told = next_in_words(following, made)
    return told[:1].upper() + told[1:]


def _row(made: Measured) -> dict[str, Any]:
    found, why = _read(made)
    earliest = earliest_verdict(made)
    row = dict.fromkeys([each.name for each in _EFFECTS]) | {
        "rule": made.rule or "all offers",
        "verdict": why if found is None else verdict_in_words(found, made),
        "still_needed": None if earliest is None else earliest.still_needed,
        "still_held_out": None if earliest is None else earliest.held_out,
        "verdict_at": None if earliest is None else earliest.at,
    }
    if found is None:
        return row
    return row | {
        "offered": found.treated,
        "offered_rate": found.treated_converted / max(1, found.treated),
        "controls": found.controls,
        "controls_rate": found.controls_converted / max(1, found.controls),
        "estimate": _estimate(found, made),
    }


def _estimate(found: Effect, made: Measured) -> str:
    """The difference; before the first reading a handful of accounts would say anything."""
    if made.plan is not None and not any(each.reached for each in found.readings):
        return "shown from the first reading on"
    return in_points(found)
