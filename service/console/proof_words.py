"""What is proved of a rule, and where it breaks, in the words of the facts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from offers.conditions.parse import parse_condition
from offers.prove import Property
from service.console.sentences import fact_said, said

_HOLDS = {
    "has_get": "asks for something in return",
    "ends": "ends some day",
    "reachable": "somebody can get it",
    "not_shadowed": "wins for some lead that no earlier rule takes",
    "max_percent_off": "never gives more than the largest percent off",
    "floor": "never sells below the floor price",
    "rep_contacted": "never writes to somebody a rep is talking to",
    "live_days_per_year": "gives a like concession on no more days a year than allowed",
    "live_days_per_year_any": "gives concessions of any kind on no more days a year than allowed",
}
_BREAKS = {
    "reachable": "Nobody can get {rule}: these conditions exclude each other: {where}.",
    "not_shadowed": "{rule} never wins: an earlier rule takes all its leads. For example: {where}.",
    "max_percent_off": "{rule} can give more than the largest percent off. For example: {where}.",
    "floor": "{rule} can sell below the floor price. For example: {where}.",
    "rep_contacted": "{rule} can write to somebody a rep is talking to. For example: {where}.",
    "live_days_per_year": "{rule} can give a like concession on more days a year than allowed. "
    "For example: {where}.",
    "live_days_per_year_any": "{rule} can give concessions of any kind on more days a year than "
    "allowed. For example: {where}.",
}


def holds(found: Property) -> str:
    """`never sells below the floor price`."""
    return _HOLDS[found.name]


def breaks(found: Property) -> str:
    """A refuted property as a sentence with one situation in which it does not hold."""
    assert found.counterexample is not None
    where = _where(found.counterexample)
    return _BREAKS[found.name].format(rule=found.rule, where=where)


def _where(counterexample: dict[str, Any]) -> str:
    if "clauses" in counterexample:
        return " and ".join(said(parse_condition(text)[0]) for text in counterexample["clauses"])
    told = [fact_said(name, value) for name, value in counterexample.items() if name != "now"]
    if "now" in counterexample:
        told.append(f"on {datetime.fromisoformat(counterexample['now']):%-d %b %Y}")
    return ", ".join(told)
