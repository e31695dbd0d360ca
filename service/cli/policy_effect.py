"""What `giveget policy effect` says, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from offers.rules import Policy
from scoring.experiments.effect import Effect
from scoring.experiments.readings import crossed, too_few_in_words
from service.use_cases.views.earned import Earned, earned_in_words
from service.use_cases.views.measured_effects import (
    Measured,
    in_money,
    in_points,
    net_in_words,
    next_in_words,
    next_reading,
    small_in_words,
    to_come,
    verdict_in_words,
    without_offer,
)
from service.use_cases.views.measured_sizes import measured_sizes


def effect_in_words(
    found: Effect, made: Measured, live: Policy, money: Iterable[Earned] = ()
) -> Iterator[str]:
    """Both arms, the estimate, the verdict, the money rule by rule, the readings, who is left out,
    and which rules of the live policy were due to nobody yet."""
    yield f"policy {made.policy}, accounts by assignment, within {made.days} days of it:"
    for name, converted, n in (
        ("offer", found.treated_converted, found.treated),
        ("control", found.controls_converted, found.controls),
    ):
        yield f"  {name:8} {converted:,} of {n:,} converted ({converted / max(1, n):.1%})"
    yield f"conversion: {in_points(found)}"
    if not crossed(found.verdict):
        yield f"verdict: {verdict_in_words(found, made)}"
    if found.money is not None:
        yield f"money minus cost: {in_money(found.money, made.currency)}"
    if found.money is not None and found.money.low is not None:
        yield f"gained over the held out, less cost: {net_in_words(found, made.currency)}"
    for line in money:
        yield f"{line.rule}: {earned_in_words(line)}"
    yield "intervals: 95%, whenever you look; a verdict falls on a reading only"
    yield from _readings(found, made)
    yield from _sizes(made)
    if made.young:
        yield f"{made.young:,} accounts are left out: younger than {made.days} days"
    if made.found.no_chance:
        yield f"{made.found.no_chance:,} accounts are left out: no chance of both groups"
    if made.found.both_arms:
        yield f"{made.found.both_arms:,} accounts are left out: they were in both groups"
    if made.rule is None and (unused := without_offer(made, live)):
        yield f"no offer yet by: {', '.join(unused)}"


def _sizes(made: Measured) -> Iterator[str]:
    for found in measured_sizes(made.found.everybody):
        best = "too early" if found.best is None else f"best size {found.best.dose:g}"
        yield f"{found.rule}, {found.give} (a sale is worth {found.value:.3g}): {best}"
        for each in found.table:
            yield (
                f"  {each.dose:g}: {each.rate:.1%} of {each.n:,} ({each.low:.1%} to "
                f"{each.high:.1%}), net {each.net:.3g} ± {each.net_se:.2g}"
            )


def _readings(found: Effect, made: Measured) -> Iterator[str]:
    coming = {each.accounts: each for each in to_come(made)}
    for each in found.readings:
        told = f"  reading at {each.accounts:,} accounts: "
        if each.low is not None and each.high is not None:
            yield told + (
                f"{100 * each.low:.1f} to {100 * each.high:.1f} points, "
                f"{'crossed' if each.crossed else 'not crossed'}"
            )
        else:
            known = coming.get(each.accounts)
            lacks = "" if known is None or known.can_decide else f"; {small_in_words(known)}"
            yield told + (too_few_in_words(each) if each.reached else f"to come{lacks}")
    following = next_reading(made)
    if following is not None and crossed(found.verdict):
        yield next_in_words(following, made)
