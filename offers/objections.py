"""What stands in a buyer's way: the shipped list, and what a rep sends where no rule may answer.

A policy's `[objections]` says what to send in a team's own words, and declares the codes of a list
of its own; a rule names the codes that it `answers`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from offers.problems import did_you_mean
from offers.toml_reader import TomlReader

CODE = "[a-z0-9_-]{1,64}"
_LONGEST = 500


class Shipped(NamedTuple):
    """One objection of the shipped list."""

    label: str
    send: str


SHIPPED: Mapping[str, Shipped] = {
    "price": Shipped(
        "The price is too high", "Send what a seat costs beside the hours that it saves."
    ),
    "no_budget": Shipped(
        "No budget this quarter", "Send a one-page business case, and ask when budgets are set."
    ),
    "no_time": Shipped(
        "No time to try it", "Send a ten-minute tour, and times for a guided set-up."
    ),
    "missing_feature": Shipped(
        "Something it needs is missing", "Send how others do it today, and what is planned when."
    ),
    "integration": Shipped(
        "Does not fit what they have", "Send the list of integrations and the API's documentation."
    ),
    "security": Shipped(
        "Security or legal must look first",
        "Send the security overview, the list of sub-processors and the data processing terms.",
    ),
    "competitor": Shipped(
        "Prefers another product", "Send the comparison, and a customer who changed over."
    ),
    "not_deciding": Shipped(
        "Somebody else decides", "Send a summary to forward, and ask who should see it."
    ),
    "no_need": Shipped("No need at the moment", "Send one customer story of their industry."),
    "timing": Shipped("Not the right time", "Send nothing now; note the month that they named."),
    "other": Shipped("Another reason", "Send the answer to what they said, in your own words."),
}
"""The team's list until it keeps one of its own."""


def read_objections(reader: TomlReader) -> Mapping[str, str]:
    """What to send for each objection that the policy's rules may answer."""
    sends = {code: each.send for code, each in SHIPPED.items()}
    if not reader.table(("objections",), None):
        return sends
    for code in reader.at(("objections",)):
        where = ("objections", code)
        if not re.fullmatch(CODE, code):
            reader.blame_key(where, f"`{code}` is no code: a–z, 0–9, _ and -, at most 64")
        text = reader.text(where)
        if text is not None and len(text) > _LONGEST:
            reader.blame(where, f"`{code}` says more than {_LONGEST} characters")
        sends[code] = text or ""
    return sends


def read_answers(
    reader: TomlReader, path: tuple[str | int, ...], known: Mapping[str, str]
) -> tuple[str, ...]:
    """The objections that a rule answers."""
    codes = reader.at(path)
    if codes is None:
        return ()
    if not isinstance(codes, list) or not codes:
        reader.blame(path, '`answers` must be a list of objections, as ["price"]')
        return ()
    for code in codes:
        if not isinstance(code, str) or code not in known:
            listed = did_you_mean(str(code), known) or f"; known: {', '.join(known)}"
            reader.blame(
                path, f"unknown objection `{code}`{listed}; declare your own in [objections]"
            )
    if len({str(code) for code in codes}) < len(codes):
        reader.blame(path, "`answers` names an objection twice")
    return tuple(str(code) for code in codes)
