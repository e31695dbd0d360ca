"""The languages people are written to in: words from a catalogue, numbers and dates by babel.

Plain TOML and a few plural rules stand in for gettext: a mail's words belong beside its templates,
and a lint over all of them is a loop.

To add a language: a file in `words/`, a table of its name in each mail's `words.toml` and a list
in `emails/hollow.toml`; the contract tests then run over it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale as BabelLocale
from babel import UnknownLocaleError
from babel.dates import (
    format_date,
    format_interval,
    format_skeleton,
    format_time,
    get_timezone_location,
)
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal

from offers.money import Money, minor_digits

DEFAULT = "en"
_LONGEST = 35  # of a language tag, RFC 5646 4.4.1
_UNBROKEN = re.compile(r" (?=[:;?!]|%(?!\}))")  # no line begins with a mark
_NARROW = str.maketrans({"\u202f": "\u00a0"})  # many mail programs draw a box for the narrow space


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Locale:
    """One catalogue, and the locale that numbers, money and dates are written for."""

    name: str
    locale: BabelLocale
    words: Mapping[str, Any]  # nested tables of texts

    def say(self, path: str, /, **values: str | int) -> str:
        """The text at `table.key`, its `{places}` filled; a table of plural forms goes by `n`.

        Raises KeyError for a missing text or value.
        """
        table, _, key = path.partition(".")
        text = self.words[table][key]
        if isinstance(text, Mapping):
            number = values["n"]
            assert isinstance(number, int)
            text = text.get(self.locale.plural_form(number), text["other"])
            values |= {"n": self.number(number), "word": self._word(number)}
        filled: str = text.format_map(values)
        return filled

    def number(self, number: int) -> str:
        """`1.000` or `1,000`."""
        return _plain(format_decimal(number, locale=self.locale))

    def money(self, amount: Money) -> str:
        """`R$ 12.900,00` or `$12,900.00`."""
        digits = minor_digits(amount.currency)
        major = Decimal(amount.minor).scaleb(-digits)
        return _plain(format_currency(major, amount.currency, locale=self.locale))

    def day(self, at: datetime, zone: str) -> str:
        """The day of a moment in a zone, as people write it."""
        return _plain(format_date(at.astimezone(ZoneInfo(zone)), "long", locale=self.locale))

    def month(self, day: date) -> str:
        """`October 2026`: the month of a day."""
        return _plain(format_skeleton("yMMMM", day, locale=self.locale))

    def days(self, first: date, last: date) -> str:
        """`26 Oct – 1 Nov 2026`: from one day to another."""
        return _plain(format_interval(first, last, "yMMMd", locale=self.locale))

    def end(self, at: datetime, zone: str) -> str:
        """A moment's day and minute by the clocks of the zone's city, which every season fits."""
        time = format_time(at.astimezone(ZoneInfo(zone)), "short", locale=self.locale)
        said = {"day": self.day(at, zone), "time": _plain(time)}
        city = _city(str(self.locale), zone)
        if city is None:
            return self.say("time.nowhere", **said, zone=zone.removeprefix("Etc/"))
        return self.say("time.at", **said, city=city)

    def listed(self, phrases: Sequence[str]) -> str:
        """`a, b and c`."""
        return format_list(phrases, locale=self.locale)

    def _word(self, number: int) -> str:
        words = self.words["numbers"]
        return str(words[number]) if number < len(words) else self.number(number)


def locale_of(tag: str | None) -> Locale:
    """The tongue for a locale such as `pt-BR` or `de_AT`; English where none fits."""
    return _tongue((tag or DEFAULT)[:_LONGEST])


@cache
def tongue_names() -> tuple[str, ...]:
    """The catalogues that ship."""
    folder = files("service.mail").joinpath("words")
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir()))


@lru_cache(maxsize=512)
def _tongue(tag: str) -> Locale:
    asked = _parsed(tag)
    for name in tongue_names():
        if asked is not None and BabelLocale.parse(name, sep="-").language == asked.language:
            locale = asked if asked.territory else _usual(name)
            return Locale(name=name, locale=locale, words=_words(name))
    return Locale(name=DEFAULT, locale=_usual(DEFAULT), words=_words(DEFAULT))


def _usual(name: str) -> BabelLocale:
    """Where no country is known; English then writes 30 November and 23:59, as most readers do."""
    return BabelLocale.parse("en-GB" if name == DEFAULT else name, sep="-")


def _parsed(tag: str) -> BabelLocale | None:
    parts = tag.strip().replace("_", "-").split("-")[:3]  # language, script, territory
    for count in range(len(parts), 0, -1):
        try:
            return BabelLocale.parse("-".join(parts[:count]), sep="-")
        except (ValueError, TypeError, UnknownLocaleError):
            continue
    return None


def read_words(*path: str) -> dict[str, Any]:
    """A shipped file of words."""
    return parse_words(files("service.mail").joinpath(*path).read_text(encoding="utf-8"))


def parse_words(text: str) -> dict[str, Any]:
    """A text of words, its spaces before marks unbreakable. Raises tomllib's TOMLDecodeError."""
    return tomllib.loads(_UNBROKEN.sub("\u00a0", text))


@cache
def _words(name: str) -> Mapping[str, Any]:
    return read_words("words", f"{name}.toml")


@lru_cache(maxsize=2048)
def _city(locale: str, zone: str) -> str | None:
    """The city that a zone is named by; None of one without a place, as UTC."""
    if "/" not in zone or zone.startswith("Etc/"):
        return None
    return _plain(get_timezone_location(ZoneInfo(zone), locale=locale, return_city=True))


def _plain(text: str) -> str:
    return text.translate(_NARROW)
