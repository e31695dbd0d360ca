"""What a sign-up's sender should know of values that cannot be used as they came.

Nothing here refuses: a form's lead is not lost for a wrong digit. What is told names the field
and what to do, and never echoes the value.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from scoring.contact import read_country
from scoring.contact.mailbox import first_address
from scoring.contact.phone import read_phone
from service.schemas.fact_warnings import in_future

_CAPPED = ("signed_up_at", "trial_started_at")


def mended_fields(fields: dict[str, Any], stamp: str) -> Iterator[tuple[str, str, str]]:
    """Mends a record's fields in place and gives each warning as (field, code, message).

    A start after the message was sent is set to when it was sent; of a mail field that holds more
    than an address the first address is kept.
    """
    yield from _capped(fields, _sent_at(stamp))
    email = fields.get("email")
    if email is not None:
        address = first_address(email)
        if address is None:
            if email.strip():
                yield (
                    "email",
                    "invalid_email",
                    "holds no mail address; kept, and never written to",
                )
        elif address != email.strip().lower():
            fields["email"] = address
            yield "email", "first_address", "holds more than an address; the first one is used"
    country = fields.get("country")
    alpha_2 = read_country(country)
    if read_phone(fields.get("phone"), alpha_2).kind == "invalid":
        yield (
            "phone",
            "invalid_phone",
            "is no number that can be called; send it with its country code (+49 …) or a country",
        )
    if country and country.strip() and alpha_2 is None:
        yield "country", "unknown_country", "names no one country; send its name or ISO code"
    zone = fields.get("timezone")
    if zone and zone.strip() and zone not in _zones():
        yield "timezone", "unknown_timezone", "is no IANA name such as Europe/Berlin; not used"


def _capped(fields: dict[str, Any], sent_at: datetime | None) -> Iterator[tuple[str, str, str]]:
    for name in _CAPPED:
        text = fields.get(name)
        if text is None or sent_at is None:
            continue
        if in_future(datetime.fromisoformat(text), sent_at):
            fields[name] = sent_at.isoformat().replace("+00:00", "Z")
            yield name, "time_in_future", "lies in the future; set to when the message was sent"


def _sent_at(stamp: str) -> datetime | None:
    """When the message of a stamp was sent; `None` where it says no time."""
    seconds = stamp.partition(" ")[0]
    if not seconds.isdecimal() or int(seconds) == 0 or len(seconds) > 12:
        return None
    return datetime.fromtimestamp(int(seconds), UTC)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
