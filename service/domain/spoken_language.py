"""The language a lead is to be spoken to in, and how it is known. Pure."""

from __future__ import annotations

from typing import NamedTuple

from service.domain.lead_record import Record
from service.domain.screening import heard_from


class Language(NamedTuple):
    """A code such as `pt`, and the locale it is read from: None where a call told it."""

    code: str
    locale: str | None


def language_of(record: Record) -> Language | None:
    """The language that was heard on a call, else that of the locale they signed up in."""
    heard = heard_from(record)
    if heard is not None and heard.language:
        return Language(heard.language, None)
    locale = record["fields"].get("locale")
    if not locale:
        return None
    return Language(locale.replace("_", "-").partition("-")[0].lower(), locale)
