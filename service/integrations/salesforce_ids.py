"""Salesforce's ids: 15 characters where case counts, or those with 3 more where it does not.

Both name the same record; everything here is kept under the 18. How the last three follow from the
first: help.salesforce.com, "Convert 15-character IDs to 18-character IDs". By hand, since
`simple-salesforce` and the other clients pass ids through as they come.
"""

from __future__ import annotations

_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SHORT, _LONG, _PART = 15, 18, 5
_KINDS = {"00Q": "Lead", "003": "Contact", "00T": "Task", "006": "Opportunity", "005": "User"}


def full_id(id: str | None) -> str | None:
    """The 18 characters of an id, its case mended; None for what is no id."""
    if id is None or not (id.isascii() and id.isalnum()):
        return None
    if len(id) == _SHORT:
        return id + _signs(id)
    if len(id) != _LONG:
        return None
    mended = _mended(id)
    return None if mended is None else mended + _signs(mended)


def short_id(id: str) -> str:
    """The 15 characters of an id of 18."""
    return id[:_SHORT]


def kind_of(id: str) -> str | None:
    """The object an id is of, by its first three characters; None for others than ours."""
    return _KINDS.get(id[:3])


def _signs(short: str) -> str:
    """Three characters that say which of the fifteen are capitals."""
    parts = (short[start : start + _PART] for start in range(0, _SHORT, _PART))
    return "".join(
        _SIGNS[sum(1 << at for at, sign in enumerate(part) if "A" <= sign <= "Z")] for part in parts
    )


def _mended(long: str) -> str | None:
    """The fifteen as their signs say; None where the signs do not fit."""
    made = ""
    for part, sign in enumerate(long[_SHORT:].upper()):
        bits = _SIGNS.find(sign)
        if bits < 0:
            return None
        for at, letter in enumerate(long[part * _PART : (part + 1) * _PART]):
            is_capital = bool(bits >> at & 1)
            if is_capital and not letter.isalpha():
                return None
            made += letter.upper() if is_capital else letter.lower()
    return made
