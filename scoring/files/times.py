"""Times as exports write them, and which form a whole column has.

A form says what a text alone cannot: whether the day or the month comes first, or what a bare
number counts. A date that starts with its year or names its month reads the same in every form.
Stands in for python-dateutil and dateparser, which guess the order of day and month from one
text at a time, read "12" and "Mai" as dates, and take most of a millisecond a text.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache, lru_cache
from typing import Literal
from unicodedata import category, combining, normalize
from zoneinfo import ZoneInfo, available_timezones

from scoring.files.cells import western_digits
from scoring.leads.lead import Value

Order = Literal["day-first", "month-first"]
ORDERS: tuple[Order, ...] = ("day-first", "month-first")
COUNTED = ("yyyymmdd", "Excel serial", "Unix seconds", "Unix milliseconds", "Unix microseconds")
"""Forms in which a time is a bare number."""
_ORDERED = ("year first", "day first", "month first")

_ISO = re.compile(
    r"[0-9]{4}-(?:[0-9]{2}-[0-9]{2}|W[0-9]{2}-[1-7])"
    r"(?:[ T][0-9]{2}(?::[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?|[0-9]{2}(?:[0-9]{2})?)?"
    r"(?:Z|[+-][0-9]{2}(?::?[0-9]{2}){0,2})?)?"
)
"""What `fromisoformat` reads and means: of "14.05" it would take the hour alone."""
_MIDNIGHT = re.compile(r"(?<=[ T])24:00(?::00(?:[.,]0+)?)?(?![0-9:])")
_ZONES = {"z": 0, "utc": 0, "gmt": 0, "cet": 1, "cest": 2, "bst": 1, "est": -5, "edt": -4}
_ZONES |= {"cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "jst": 9, "brt": -3}
_ZONES |= {"mez": 1, "mesz": 2, "wet": 0, "west": 1, "eet": 2, "eest": 3, "msk": 3, "sast": 2}
_ZONES |= {"kst": 9, "sgt": 8, "hkt": 8, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13}
_OF_AMERICA = {
    "et": "america/new_york",
    "ct": "america/chicago",
    "mt": "america/denver",
    "pt": "america/los_angeles",
}
"""Names that say which of standard and summer time holds by the day."""
_LANGUAGES = ("en", "de", "fr", "es", "pt", "it", "nl", "tr", "pl", "sv", "da", "nb", "ru")
_MOST_SERIAL = 80_000.0
_LEAST_SERIAL = 20_000.0
"""Excel's days from 1954 to 2119: what is outside is another number."""
_EXCEL = datetime(1899, 12, 30, tzinfo=UTC)
_UNIX = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST = 80
_SHORT = re.compile(r"\s*([0-9]{1,2})([./-])([0-9]{1,2})\2([0-9]{2})(?![0-9])")
_BARE_COMMA = re.compile(r"^([0-9]+),([0-9]+)$")
_BASIC = re.compile(r"([0-9]{8})[T ]([0-9]{4,6})Z?")
_YEARS = range(1980, 2101)
"""Another year is a sentinel (1970-01-01, 9999-12-31) or of another calendar (2569)."""

_CLOCK = (
    r"(?P<hour>[0-9]{1,2})(?:(?:[:.]|\s?h\s?)(?P<minute>[0-9]{2}))?(?:[:.](?P<second>[0-9]{2})"
    r"(?:[.,](?P<part>[0-9]{1,9}))?)?\s*(?:uhr|h)?\s*(?P<half>[ap]\.?\s?m\.?(?![a-z]))?"
)
_ZONE = (
    r"\s*\(?(?P<zone>[a-z]{1,4}|(?:utc|gmt)?[+-][0-9]{1,2}(?::?[0-9]{2})?|"
    r"[a-z]+(?:/[a-z_+-]+)+)?\)?"
)
_ZONE_TWICE = re.compile(r"([+-][0-9]{2}:?[0-9]{2})\s*(?:\[[^\]]*\]|\([^)]*\))$")
"""An offset and its zone's name, as JavaScript and Java write both."""
_EASTERN_HALF = re.compile(r"(午前|오전|上午|午後|오후|下午)\s?([0-9][0-9: ]*)")
_EASTERN_CLOCK = re.compile(
    r"([0-9]{1,2})\s?[時时시]\s?([0-9]{1,2})\s?[分분](?:\s?([0-9]{1,2})\s?[秒초])?"
)
_REST = rf"(?:(?:,?\s+|t|,)(?:(?:at|um|a|as|a las|kl\.?|klo|om|-)\s+)?{_CLOCK})?{_ZONE}"
_OF_YEAR = r"(?:\s?[rг]\.)?"
"""Polish and Russian write a letter for "year" behind it."""
_DAY = r"(?:[^\W\d_]{2,12}(?:-feira)?\.?,?\s+)?"
_NUMERIC = re.compile(
    rf"{_DAY}(?P<a>[0-9]{{1,4}})(?P<sep>[./-])\s?(?P<b>[0-9]{{1,2}})(?P=sep)\s?"
    rf"(?P<c>[0-9]{{4}}|[0-9]{{1,2}})\.?{_OF_YEAR}{_REST}"
)
_EASTERN = re.compile(
    rf"(?P<a>[0-9]{{4}})\s?[年년]\s?(?P<b>[0-9]{{1,2}})\s?[月월]\s?(?P<c>[0-9]{{1,2}})\s?[日일](?:\s?\(\w\))?{_REST}"
)
_NAMED = re.compile(
    rf"{_DAY}(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th|er|º|o|\.)?(?:\s+de\s+|[\s/-]+|\s*)"
    r"(?P<month>[^\W\d_]{3,12})\.?,?(?:\s+de\s+|\s+del\s+|[\s/-]+|\s*)"
    rf"(?P<year>[0-9]{{4}}|[0-9]{{2}}){_OF_YEAR}{_REST}"
)
_UNIX_DATE = re.compile(
    r"(?:[a-z]{3}\s+)?(?P<month>[a-z]{3})\s+(?P<day>[0-9]{1,2})\s+(?P<hour>[0-9]{2}):"
    r"(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})(?P<part>)(?P<half>)\s+"
    r"(?:(?P<zone>[a-z]{1,4}|[+-][0-9]{4})\s+)?(?P<year>[0-9]{4})"
)
_NAMED_FIRST = re.compile(
    rf"{_DAY}(?P<month>[^\W\d_]{{3,12}})\.?[\s-]+(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?,?[\s-]+"
    rf"(?P<year>[0-9]{{4}}){_REST}"
)

_IN = " in "
_ZONE_OF_HEADING = re.compile(
    r"[(\[]\s*(?:in\s+)?(?P<zone>(?i:utc|gmt)\s?[+-]\s?[0-9]{1,2}(?::?[0-9]{2})?|[A-Z]{3,4}|"
    r"[A-Za-z]+(?:/[A-Za-z_+-]+)+)\s*[)\]]\s*$"
)
_OWN_ZONE = re.compile(
    r"(?::[0-9.]+\s*(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)|\b(?!AM|PM)[A-Z]{2,4}|/[A-Za-z_]+)[)\]]?\s*$"
)
"""How a cell ends that names its own zone."""

_WITH_NAMES = (_NAMED, _NAMED_FIRST, _UNIX_DATE)
_FORMS = (_NUMERIC, _EASTERN, *_WITH_NAMES)
_ERA = re.compile(r"(令和|平成)\s?(元|[0-9]{1,2})\s?年")
"""Years of the Japanese calendar."""


def read_time(value: Value, form: str) -> datetime | None:
    """The UTC time that a value writes in a form; without an offset it is read as UTC.

    A form is "iso", one of `COUNTED`, "year first", "day first", "month first" or a pattern of
    `strptime`; any of them may go on with a zone ("iso in gmt+1"), as `in_zone_of_heading` adds it.
    `None` when the value is no such time.
    """
    if isinstance(value, bool) or value is None:
        return None
    if _IN in form:
        return _in_zone(value, *form.split(_IN))
    if form in COUNTED:
        return _counted(value, form)
    if not isinstance(value, str):
        return None
    if "24:00" in value and (at_0 := _MIDNIGHT.sub("00:00", value)) != value:
        begins = read_time(at_0, form)
        return None if begins is None else begins + timedelta(days=1)
    if form.startswith("%"):
        return _by_pattern(value, form)
    if _ISO.fullmatch(value) and (at := _iso(value)) is not None:
        return at
    return None if form == "iso" else _loose(value, form)


def is_form(form: str) -> bool:
    """Whether `read_time` knows a form, or `strptime` a pattern."""
    known, _, zone = form.partition(_IN)
    if zone and _zone(zone) is None:
        return False
    if known.startswith("%"):
        return _by_pattern(_UNIX.strftime(known), known) is not None
    return known in ("iso", *_ORDERED, *COUNTED)


def in_zone_of_heading(form: str, column: str) -> str:
    """The form with the zone that a heading names, as "Created (GMT+1)" does."""
    found = _ZONE_OF_HEADING.search(column)
    name = found["zone"].replace(" ", "").casefold() if found else ""
    zone = _zone(name) if name else None
    if zone is None or zone == UTC or form in COUNTED or form.startswith("%"):
        return form
    return f"{form}{_IN}{name}"


def _in_zone(value: Value, form: str, name: str) -> datetime | None:
    at, zone, text = read_time(value, form), _zone(name), str(value)
    if at is None or zone is None or ":" not in text or _OWN_ZONE.search(text):
        return at  # a bare day is nobody's midnight
    return at.replace(tzinfo=zone).astimezone(UTC)


def _iso(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        return at if at.year in _YEARS else None
    except (ValueError, OverflowError):
        return None


def _by_pattern(text: str, pattern: str) -> datetime | None:
    try:
        return datetime.strptime(text, pattern).replace(tzinfo=UTC)
    except ValueError:
        return None


def _counted(value: str | float, form: str) -> datetime | None:
    """A bare number as the time it counts; a text with a year in front or a named month too."""
    if form == "yyyymmdd" and isinstance(value, str) and (at := _compact(value)) is not None:
        return at
    try:
        number = float(_BARE_COMMA.sub(r"\1.\2", value) if isinstance(value, str) else value)
    except ValueError:
        return read_time(value, "year first")
    if not math.isfinite(number):
        return None
    if form == "yyyymmdd":
        return _compact(f"{number:.0f}" if not isinstance(value, str) else value)
    try:
        if form == "Excel serial" and _LEAST_SERIAL <= number < _MOST_SERIAL:
            return _EXCEL + timedelta(seconds=round(number * 86_400))
        if form == "Unix seconds" and 5e8 <= number < 5e9:
            return _UNIX + timedelta(seconds=number)
        if form == "Unix milliseconds" and 5e11 <= number < 5e12:
            return _UNIX + timedelta(milliseconds=number)
        if form == "Unix microseconds" and 5e14 <= number < 5e15:
            return _UNIX + timedelta(microseconds=number)
    except OverflowError:
        return None
    return None


def _compact(text: str) -> datetime | None:
    digits = _BASIC.sub(r"\1\2", text.removesuffix(".0"))
    pattern = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}.get(len(digits))
    at = _by_pattern(digits, pattern) if pattern and digits.isdecimal() else None
    return at if at is not None and at.year in _YEARS else None


@lru_cache(maxsize=65_536)
def _loose(text: str, form: str) -> datetime | None:
    if len(text) > _LONGEST:
        return None
    spelt = _spelt(text)
    found = _NUMERIC.fullmatch(spelt) or _EASTERN.fullmatch(spelt)
    if found is not None:
        sign = found.groupdict().get("sep")
        date = _numeric_date(found["a"], found["b"], found["c"], form, sign)
    else:
        found = next(filter(None, (form.fullmatch(spelt) for form in _WITH_NAMES)), None)
        month = None if found is None else _months().get(found["month"])
        if found is None or month is None:
            return None
        date = (_year(found["year"]), month, int(found["day"]))
    return None if date is None else _at(date, found)


def _spelt(text: str) -> str:
    """Lower case, without accents, one space at a time, the clock as in the west."""
    plain = "".join(c for c in normalize("NFKD", text) if not combining(c) and category(c) != "Cf")
    spelt = " ".join(normalize("NFKC", plain).casefold().replace("ı", "i").split())
    if not spelt.isascii():
        spelt = _ERA.sub(_of_era, western_digits(spelt))
        spelt = _EASTERN_CLOCK.sub(lambda t: ":".join(filter(None, t.groups())), spelt)
        spelt = _EASTERN_HALF.sub(
            lambda t: f"{t[2]} {'am' if t[1] in ('午前', '오전', '上午') else 'pm'}", spelt
        )
    return _ZONE_TWICE.sub(r"\1", spelt)


def _of_era(found: re.Match[str]) -> str:
    first = {"令和": 2019, "平成": 1989}[found[1]]
    return f"{first - 1 + (1 if found[2] == '元' else int(found[2]))}年"


def names_unknown_zone(text: str) -> bool:
    """Whether a time ends with a zone's name that is not known, or that several zones have."""
    found = next(filter(None, (form.fullmatch(_spelt(text)) for form in _FORMS)), None)
    return found is not None and bool(found["zone"]) and _zone(found["zone"]) is None


AGO = "so long before the export, whose time is not known"
LENGTH = "a length of time, or a time of day without a date"
_YEAR = r"(?:[0-9]{4}|[0-9]{2})"
_PERIODS = (
    (
        "a quarter or half-year, which has no day",
        re.compile(
            rf"(?:(?:f[yj]|cy|h|q|t|k)?\s?['’]?{_YEAR}[\s/-]*(?:[qthk]|quartal|quarter|trim\w*\.?)\s?[1-4]|"
            rf"(?:[qthk]\s?[1-4]|[1-4]\.?\s?(?:q|quartal|trim\w*\.?)|(?:quarter|quartal|trim\w*)\s[1-4])"
            rf"[\s/,-]*(?:of\s|de\s)?(?:f[yj]|cy)?\s?['’]?{_YEAR})"
        ),
    ),
    (
        "a fiscal year, which has no day",
        re.compile(rf"(?:f[yj]|cy|gj)\s?['’]?{_YEAR}(?:/{_YEAR})?"),
    ),
    (
        "a week, which has no day",
        re.compile(
            rf"{_YEAR}-?\s?(?:w|kw|s|cw)-?\s?[0-9]{{1,2}}|"
            rf"(?:w|kw|cw|week|woche|semaine|semana)\s?[0-9]{{1,2}}[\s,/-]*(?:of\s|de\s)?{_YEAR}"
        ),
    ),
    (
        "a month without a day",
        re.compile(
            r"[0-9]{4}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{4}|[0-9]{4}\s?[年년]\s?[0-9]{1,2}\s?[月월]"
        ),
    ),
    (
        AGO,
        re.compile(
            r"(?:(?:about |over |almost )?(?:an?|[0-9]+)\s?[a-z]+\.?(?: [0-9]+ [a-z]+)? ago|"
            r"(?:vor|hace|il y a|ha) [0-9]+ .+|just now|now|today|yesterday|heute|gestern|hoy|ayer|"
            r"hier|aujourd'hui|hoje|ontem|oggi|ieri)(?:,? (?:at )?[0-9:. apm]+)?"
        ),
    ),
    (
        LENGTH,
        re.compile(
            r"(?:-?[0-9]+ days?,? )?-?[0-9]{1,4}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?"
            r"(?: ?[ap]\.?m\.?)?|"
            r"p(?=.)(?:[0-9]+[ymwd])*(?:t(?:[0-9.]+[hms])+)?|"
            r"(?:[0-9]+(?:[.,][0-9]+)?\s?(?:d|h|m|s|ms|min|sec|hr|std|days?|hours?|minutes?|seconds?|"
            r"weeks?|months?|mins?|secs?|hrs?|tage?|stunden?|minuten?|jours?|heures?|dias?|horas?|"
            r"minutos?)\.?,?(?:\s|$)?(?:and )?)+"
        ),
    ),
)
"""Texts that are of time and name no moment, each as a word for people."""
_NAMED_MONTH = re.compile(
    rf"(?P<a>[^\W\d]{{3,12}}|[0-9]{{4}}|[0-9]{{1,2}})\.?(?:\s+de\s+|[\s,'’/-]*)"
    rf"(?P<b>[^\W\d]{{3,12}}|{_YEAR}|[0-9])\.?"
)
_DAY_AND_MONTH = re.compile(r"[0-9]{1,2}[./-][0-9]{1,2}\.?(?: [0-9:]+)?")


def names_no_moment(text: str) -> str | None:
    """What a text of time is that names no moment, such as "a month without a day" ("March 2026").

    `None` for any other text.
    """
    if len(text) > _LONGEST or not text:
        return None
    spelt = _spelt(text)
    found = _NAMED_MONTH.fullmatch(spelt)
    if found is not None and {found["a"], found["b"]} & _months().keys():
        beside = found["a"] if found["a"].isdigit() else found["b"]
        has_year = len(beside) == 4 and beside.isdigit()
        return "a month without a day" if has_year else "a month without a day or without a year"
    if _DAY_AND_MONTH.fullmatch(spelt):
        return "a day without its year"
    return next((what for what, form in _PERIODS if form.fullmatch(spelt)), None)


@dataclass(frozen=True, slots=True)
class ShortDate:
    """A date of three short numbers, one of them a year of two digits."""

    first: str
    last: str
    sign: str
    may_begin_with_year: bool


def short_date(text: str) -> ShortDate | None:
    """The date a text begins with whose year has two digits: 31/03/26, or 26/03/31."""
    found = _SHORT.match(text)
    if found is None:
        return None
    first, sign, middle, last = found.groups()
    year_first = len(first) == 2 and 1 <= int(middle) <= 12 and 1 <= int(last) <= 31
    return ShortDate(first, last, sign, year_first)


def _numeric_date(
    a: str, b: str, c: str, form: str, sign: str | None
) -> tuple[int, int, int] | None:
    if len(a) == 4:
        return (int(a), int(b), int(c)) if len(c) <= 2 else None
    if len(a) > 2 or len(c) == 1:
        return None
    if form == "day first":
        return _year(c), int(b), int(a)
    if form == "month first" and sign != ".":
        return _year(c), int(a), int(b)
    return None


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 70 else 1900)


def _at(date: tuple[int, int, int], found: re.Match[str]) -> datetime | None:
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    if found["hour"] and found["minute"] is None and not found["half"]:
        return None
    if found["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found["half"].startswith("p") else 0)
    zone = _zone(found["zone"] or "z")
    if zone is None:
        return None
    micro = int((found["part"] or "0").ljust(6, "0")[:6])
    try:
        at = datetime(*date, hour, minute, second, micro, tzinfo=zone)
        return at.astimezone(UTC) if at.year in _YEARS else None
    except (ValueError, OverflowError):
        return None


def _zone(text: str) -> tzinfo | None:
    if text in _ZONES:
        return timezone(timedelta(hours=_ZONES[text]))
    if text in _OF_AMERICA:
        return _zone_names()[_OF_AMERICA[text]]
    if "/" in text:
        return _zone_names().get(text)
    found = re.fullmatch(r"(?:utc|gmt)?([+-])([0-9]{1,2}):?([0-9]{2})?", text)
    if found is None:
        return None
    minutes = int(found[2]) * 60 + int(found[3] or 0)
    return (
        timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))
        if minutes < 1440
        else None
    )


@cache
def _zone_names() -> dict[str, ZoneInfo]:
    return {name.casefold(): ZoneInfo(name) for name in available_timezones() if "/" in name}


@cache
def _months() -> dict[str, int]:
    from babel import Locale  # reads large tables: not at import

    names: dict[str, int] = {"sept": 9, "mrz": 3, "maerz": 3}
    for language in _LANGUAGES:
        months = Locale.parse(language).months
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in months[context][width].items():
                    names.setdefault(_spelt(name).rstrip("."), number)
    return names
