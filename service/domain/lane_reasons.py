"""Why a lead is where it is: codes with their values, put into words where people read them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from service.domain.lead_record import to_text

Value = str | float


class Because(NamedTuple):
    """One part of a reason; days are RFC 3339 dates, money is in major units."""

    code: str
    values: Mapping[str, Value] = {}


Why = tuple[Because, ...]

NO_REP = {
    "no_reps": "there are no reps",
    "none_available": "no rep is available",
    "none_covers": "no available rep covers the lead's language, country or segment",
    "none_has_room": "every rep who covers the lead has no room left today",
}
"""Why routing finds nobody."""
NO_MAIL = {
    "no_interest": "no interest shown yet",
    "no_address": "no valid mail address",
    "do_not_email": "asked for no mail",
    "no_lawful_basis": "no lawful ground to write",
    "in_conversation": "a person is in touch",
    "open_deal": "the account has an open deal",
    "paying_colleague": "a colleague pays already",
    "every_rule_needs_price": "every rule that mails offers needs the plan's price",
}
"""Why no offer may go out by mail."""
_CALLED = "paused until {{day}}: {{result}}, as noted in a screening call{} on {{on}}"
_RESULTS = {
    "not_interested": "not interested",
    "do_not_call": "asked for no calls",
    "not_in_charge": "not in charge",
}
"""What a call noted after which a lead is left in peace."""
_SENTENCES = {
    "objects_to_profiling": ("", "asked not to be scored: neither scored nor routed"),
    "past_trial": ("", "came in more than half a year after the trial, and did nothing since"),
    "has_left": ("", "left the company, or was deactivated"),
    "converted": ("", "converted on {day}"),
    "lost": ("", "lost on {day}"),
    "resting": ("", "paused until {day}, as a rep asked"),
    "erased": ("", "erased"),
    "dormant": ("", "a customer, not active since {day}"),
    "left_in_peace": ("; ", "paused until {day}, as a rep asked"),
    "resting_by_machine": ("", _CALLED.format(" by a machine")),
    "resting_by_caller": ("", _CALLED.format("")),
    "left_in_peace_by_machine": ("; ", _CALLED.format(" by a machine")),
    "left_in_peace_by_caller": ("; ", _CALLED.format("")),
    "asked_for_rep": ("", "replied or booked a meeting on {day}"),
    "interested": ("", "interested, as noted in a screening call on {day}"),
    "callback": ("", "asked on {day} to be called back"),
    "call_back": ("", "a rep said they would call back"),
    "other_language": ("", "speaks another language, as noted in a screening call on {day}"),
    "do_not_call": ("", "asked for no calls"),
    "wrong_number": ("", "the number is somebody else's"),
    "no_ground_to_call": ("", "to be called, but no lawful ground to call is known"),
    "in_peace_until": ("; ", "paused until {day}"),
    "no_public_price": ("", "the plan {plan} has no public price"),
    "unknown_plan": ("; ", "the plan {plan} is in no price book: rules that need one do not apply"),
    "gain": ("", "a rep's minute on this lead should bring about {each:,.2f} {currency}"),
    "no_rep_minutes": (", but ", "no rep has time today"),
    "all_fit": ("; ", "the reps have time for every lead of the last day"),
    "above_cut_off": (", ", "more than the {cut_off:,.2f} from which a rep calls today"),
    "below_cut_off": (", ", "less than the {cut_off:,.2f} from which a rep calls today"),
    "explored": ("; ", "drawn at random to learn what a call changes"),
    "unclaimed": ("; ", "missed: nobody replied in time, neither the assigned reps nor any other"),
    "waits_in_pool": ("; unassigned: ", "{no_rep}"),
    "no_rep": (", but ", "{no_rep}"),
    "in_conversation": ("; ", "a person was in touch on {day}"),
    "may_write": ("; ", "interest shown and we may write"),
    "no_mail": ("; no mail: ", "{obstacle}"),
    "text": ("", "{text}"),  # what an older version kept as a sentence
}


def day_of(at: datetime) -> str:
    """The day of a moment, as a reason keeps it."""
    return at.date().isoformat()


def in_words(why: Sequence[Because]) -> str:
    """The parts as one sentence without its end: `asked for no calls; paused until 3 May`."""
    said = ""
    for because in why:
        joint, sentence = _SENTENCES[because.code]
        said += joint * bool(said) + sentence.format_map(_readable(because.values))
    return said


def why_json(why: Sequence[Because]) -> str:
    """The reason as a column keeps it."""
    return to_text([[because.code, because.values] for because in why])


def why_from(text: str) -> Why:
    """The reason of `why_json`."""
    return tuple(Because(code, values) for code, values in json.loads(text))


def _readable(values: Mapping[str, Value]) -> dict[str, Value]:
    words = dict(values)
    for name in ("day", "on"):
        if name in words:
            words[name] = f"{date.fromisoformat(str(words[name])):%-d %B %Y}"
    if "result" in words:
        words["result"] = _RESULTS[str(words["result"])]
    if "no_rep" in words:
        words["no_rep"] = NO_REP[str(words["no_rep"])]
    if "obstacle" in words:
        words["obstacle"] = NO_MAIL[str(words["obstacle"])]
    return words
