"""What `policy check` prints of each rule: its trade, its break-even, the chance to know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from offers.audience import Audience
from offers.break_even import USUAL_BASES, break_even, months_of_equal_cost
from offers.holdout import chance_to_know, share_for_chance, share_of
from offers.money import in_major_units
from offers.outline import outline
from offers.policy import Policy, Rule
from offers.terms.reading import counted
from service.cli.fail import fail
from service.cli.policy_notes import Live
from service.console.audience_words import audience_said
from service.errors import ConfigurationError
from service.settings import read_settings
from service.use_cases.offers.gives import REQUESTED, hands_over
from service.use_cases.policies.lints import DAYS as DAYS_OF_TRIALS
from service.use_cases.policies.observed import Observed
from service.use_cases.views.measured_effects import DAYS

RISE = 1.5
"""The effect worth knowing of: half as many again."""
GOOD_CHANCE = 0.6
_SHOWN_BY = {
    "order": "by the order",
    "seen": "by a deed, seen by us",
    "confirmed": "by a deed that somebody confirms",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """What counts where no store tells, and the day to know by."""

    accounts_per_day: float
    base_rate: float
    today: date
    know_by: date


def rule_outlines(policy: Policy, assumed: Assumed, live: Live | None) -> list[dict[str, Any]]:
    """Each rule, as `--json` prints it; with what a store says of it, where one was asked."""
    try:
        settings = read_settings()
    except ConfigurationError as error:
        fail(str(error))
    is_told = settings.webhook_url is not None and REQUESTED in settings.webhook_events
    told = []
    for rule in policy.rules:
        seen = None if live is None else live.seen[rule.id]
        fits = None if live is None else live.fits[rule.id]
        trade = asdict(outline(rule))
        for give in trade["gives"]:
            give["by"] = hands_over(
                give["give"], has_stripe=settings.stripe_key is not None, is_told=is_told
            )
        told.append(
            trade
            | {
                "break_even": _break_even(rule, policy, seen),
                "months_of_equal_cost": months_of_equal_cost(rule),
                "sizes": _sizes(rule, policy),
                "live_trials": None if fits is None else _fits(fits),
                "knowing": _knowing(rule, policy, assumed, seen, fits),
            }
        )
    return told


def said(told: Mapping[str, Any]) -> Iterator[str]:
    """One rule's lines for people."""
    yield f"{told['rule']}:"
    for get in told["gets"]:
        when = ""
        if get["within_days"] is not None:
            when = f", within {get['within_days']} days after the order"
        elif get["shown_by"] != "order":
            when = ", before the concession"
        phrase = get["phrase"].removesuffix(f" within {get['within_days']} days")
        yield f"  for {phrase}: shown {_SHOWN_BY[get['shown_by']]}{when}"
    for give in told["gives"]:
        needs = "needs an order" if told["needs_order"] else "no order needed: by its last deed"
        yield f"  gives {give['phrase']}: {needs}; handed over by {give['by']}"
    months = told["committed_months"]
    if months is not None:
        said = f"  billed by the month it commits to {months} months; the first one paid redeems"
        has_extra = any(give["give"] == "extra_months" for give in told["gives"])
        yield said + (", extra months follow the last" if has_extra else "")
    if told["break_even"] is not None:
        yield f"  {_break_even_said(told)}"
    if told["sizes"]:
        costs = ", ".join(_size_said(each) for each in told["sizes"])
        yield f"  chance draws the size for each account, proved with each: {costs}"
    if told["live_trials"] is not None:
        fits = told["live_trials"]
        yield f"  of {fits['trials']:,} live trials: {fits['says']}"
    if told["knowing"] is not None:
        yield f"  {_knowing_said(told['knowing'])}"
    elif told["live_trials"] is not None and not told["live_trials"]["matched"]:
        yield "  chance to know: none while the rule fits nobody"


def _break_even(rule: Rule, policy: Policy, seen: Observed | None) -> dict[str, Any] | None:
    found = break_even(rule, policy)
    if found is None:
        return None
    is_observed = seen is not None and seen.base_rate is not None
    bases = (seen.base_rate,) if seen is not None and is_observed else USUAL_BASES
    rises = [
        {"base": base, "rise": found.rise(base)} for base in bases if base is not None and base > 0
    ]
    return asdict(found) | {"is_observed": is_observed, "rises": rises}


def _fits(found: Audience) -> dict[str, Any]:
    return {
        "trials": found.situations,
        "matched": found.matched,
        "offered": found.offered,
        "says": audience_said(found),
    }


def _sizes(rule: Rule, policy: Policy) -> list[dict[str, Any]]:
    """Each size of the extra that chance draws, with what it costs of the smallest order."""
    if rule.sized is None:
        return []
    by_size = zip(rule.sized.sizes, reversed(rule.at_each_size()), strict=True)
    costs = [(size, break_even(each, policy)) for size, each in by_size]
    return [
        {
            "size": size,
            "cost_minor": None if cost is None else cost.cost_minor,
            "currency": None if cost is None else cost.currency,
        }
        for size, cost in costs
    ]


def _size_said(each: Mapping[str, Any]) -> str:
    if each["cost_minor"] is None:
        return f"{each['size']}"
    cost = in_major_units(each["cost_minor"], each["currency"])
    return f"{each['size']} (costs {cost} {each['currency']})"


def _knowing(
    rule: Rule, policy: Policy, assumed: Assumed, seen: Observed | None, fits: Audience | None
) -> dict[str, Any] | None:
    """The chance to know of a rise by half, from accounts old enough by the day.

    None without a holdout, and of a rule that a store knows and that fits nobody there.
    """
    share = float(share_of(policy, rule, assumed.today))
    if not share:
        return None
    per_day = assumed.accounts_per_day
    if seen is not None and fits is not None:
        per_day = seen.accounts_per_day or fits.matched / DAYS_OF_TRIALS
    if not per_day:
        return None
    base = (seen and seen.base_rate) or assumed.base_rate
    treated = min(RISE * base, (1 + base) / 2)
    accounts = per_day * max((assumed.know_by - assumed.today).days - DAYS, 0)
    return {
        "by": assumed.know_by.isoformat(),
        "holdout": share,
        "accounts": round(accounts),
        "accounts_per_day": per_day,
        "base": base,
        "treated": treated,
        "chance": chance_to_know(base, treated, share, accounts),
        "holdout_for_60_percent": share_for_chance(base, treated, accounts, GOOD_CHANCE),
    }


def _break_even_said(told: Mapping[str, Any]) -> str:
    found = told["break_even"]
    margin, cost = (
        in_major_units(found[name], found["currency"]) for name in ("margin_minor", "cost_minor")
    )
    order = f"{counted(found['seats'], 'seat')} for {counted(found['months'], 'month')}"
    said = f"costs {cost} of a sale's {margin} {found['currency']} ({order})"
    if not found["cost_minor"]:
        said = "costs nothing by the price list: any rise pays"
    elif not told["needs_order"]:
        said = f"costs {cost} {found['currency']} whether or not they buy"
    elif found["margin_minor"] <= found["cost_minor"]:
        said += ": never pays"
    else:
        pays = [
            f"{row['base']:.1%} → {row['base'] + row['rise']:.1%}"
            if row["rise"] is not None
            else f"{row['base']:.1%} → never"
            for row in found["rises"]
        ]
        whence = "observed" if found["is_observed"] else "if so many buy without it"
        said += f": pays from {', '.join(pays)} ({whence})"
    months = told["months_of_equal_cost"]
    if months is not None:
        said += f"; its percent off costs what {months:.2g} extra months cost"
    return said


def _knowing_said(found: Mapping[str, Any]) -> str:
    more = found["holdout_for_60_percent"]
    needed = "no holdout makes it 60%" if more is None else f"60% with a holdout of {more:.0%}"
    if more is not None and more <= found["holdout"]:
        needed = f"a holdout of {more:.0%} is enough for 60%"
    by = date.fromisoformat(found["by"])
    return (
        f"chance to know by {by.day} {by:%B %Y}: {found['chance']:.0%} with a holdout "
        f"of {found['holdout']:.0%}, {needed} "
        f"({found['base']:.1%} → {found['treated']:.1%}, {found['accounts']:,} accounts)"
    )
