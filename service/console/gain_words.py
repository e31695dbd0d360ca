"""What a lead is expected to bring, as a rep reads it: its sum, and why the lead comes first."""

from __future__ import annotations

from service.console.page_context import PageContext
from service.console.words import money
from service.domain.deal_value import expected_value_minor
from service.domain.lane_reasons import why_from
from service.domain.lead import StoredLead
from service.use_cases.leads.lead_context import open_lead

WHO_COMES_FIRST = (
    "First comes who should bring the most for each minute of your time and was active last."
)

_WORTH_IT = ("above_cut_off", "all_fit")
"""Reasons of a rep's lane that are the expected gain; any other says itself why it is there."""


def is_worth_it(stored: StoredLead) -> bool:
    """Whether a lead is a rep's for what it should bring."""
    return any(each.code in _WORTH_IT for each in why_from(stored.lane_why_json))


def gain_sum(look: PageContext, stored: StoredLead) -> str | None:
    """`a 22% chance of a first year worth $25,000 (85 seats at list price), for about …`.

    None for who is not scored. The chance is the company's where that moves the lead's place.
    """
    if stored.score_hundredths is None:
        return None
    settings, policy = look.runtime.settings, look.runtime.policy
    lead = open_lead(stored).lead
    value = expected_value_minor(policy, lead, seats_when_unknown=settings.seats_when_unknown)
    if value <= 0:
        return None
    seats = lead.seats or settings.seats_when_unknown
    of_what = f"{seats:,} {'seat' if seats == 1 else 'seats'} at list price"
    if not lead.seats:
        of_what += ", as none were named"
    minutes = f"{stored.minutes} {'minute' if stored.minutes == 1 else 'minutes'}"
    return (
        f"a {_percent(stored.gain_minor / value)} chance of a first year worth "
        f"{money(value, policy.currency, whole=True)} ({of_what}), for about {minutes} of your time"
    )


def gain_said(look: PageContext, stored: StoredLead) -> str | None:
    """The whole sentence: `About $5,600 expected: a 22% chance of …`."""
    told = gain_sum(look, stored)
    gain = money(stored.gain_minor, look.runtime.policy.currency, whole=True)
    return None if told is None else f"About {gain} expected: {told}."


def _percent(share: float) -> str:
    """Whole percents, tenths below ten."""
    return f"{100 * share:.0f}%" if share >= 0.1 else f"{100 * share:.1f}%"
