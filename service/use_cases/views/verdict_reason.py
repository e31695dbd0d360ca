"""Why a verdict on what offers changed is as it is: its reading, the limits, the accounts."""

from __future__ import annotations

from scoring.experiments.effect import Effect
from scoring.experiments.readings import Reading, crossed, too_few_in_words
from service.use_cases.views.measured_effects import Measured, earliest_verdict, verdict_in_words


def headline(found: Effect, made: Measured) -> str:
    """The verdict as a sentence without its end: `Offers brought more buyers`."""
    if crossed(found.verdict):
        return f"Offers brought {'more' if found.verdict == 'more' else 'fewer'} buyers"
    told = verdict_in_words(found, made)
    return told[:1].upper() + told[1:]


def why_in_words(found: Effect, made: Measured) -> str:
    """Which reading decides, or what it lacks, and what is counted: one or two sentences."""
    counted = (
        f"Counted so far, each over {made.days} days: {found.treated:,} "
        f"{'account' if found.treated == 1 else 'accounts'} with an offer, "
        f"{found.controls:,} held out"
    )
    reached = [each for each in found.readings if each.reached]
    if not reached:
        earliest = earliest_verdict(made)
        first = (
            ""
            if earliest is None
            else f"; the first reading that can decide is of {earliest.accounts:,}"
        )
        return f"{counted}{first}."
    decisive = next((each for each in reached if each.crossed), reached[-1])
    number = found.readings.index(decisive) + 1
    where = f"At reading {number} of {len(found.readings)}, of {decisive.accounts:,} accounts,"
    lies = _limits(decisive, is_decided=crossed(found.verdict))
    return f"{where} {lies}. {counted}."


def _limits(reading: Reading, *, is_decided: bool) -> str:
    """Where the reading's limits lay."""
    if reading.low is None or reading.high is None:
        return too_few_in_words(reading)
    limits = f"{100 * reading.low:+.1f} to {100 * reading.high:+.1f} points"
    if not is_decided:
        return f"the difference could still be none: its limits were {limits}"
    side = "above" if reading.low > 0 else "below"
    return f"the limits of the difference, {limits}, lay wholly {side} zero"
