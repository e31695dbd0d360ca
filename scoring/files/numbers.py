"""Numbers as people write them: signs of thousands, decimal commas, currencies, percent.

A text is read by one decimal sign, which a whole column decides (`NumberEvidence`): "2.676" alone
is two numbers. Stands in for babel's `parse_decimal`, which needs a locale where a file has none,
takes "1,2,3" for 123, and knows neither currencies nor "(1,234.50)" for a negative amount.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Literal, cast
from unicodedata import normalize

from scoring.files.cells import western_digits

Decimal = Literal["point", "comma"]
DECIMALS: tuple[Decimal, ...] = ("point", "comma")

PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_PLAIN_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+[eE][+-]?[0-9]{1,3}")
"""What a spreadsheet with decimal commas writes where it lacks room."""
_LONGEST = 60
_MOST_LETTERS = 9
"""A unit or currency has no more; what has is prose and need not be tried."""
_SIGNS = {"point": (r"\.", ","), "comma": (",", r"\.")}
_SYMBOLS = (
    "€ $ £ ¥ ₹ ₽ ₺ ₩ ₪ ₴ ₫ ฿ ₦ ₱ ₡ ₲ ₵ ৳ ₸ ₼ ₾ R$ US$ A$ C$ CA$ AU$ NZ$ HK$ S$ NT$ MX$ RM Rp "
    "Rp. S/ S/. Bs Bs. Rs Rs. Fr Fr. SFr. Kč zł kr kr. Ft lei лв руб руб. TL 円 元 圆 원 "
    "Euro Euros Dollar Dollars"
)
_CURRENCIES_OF = {
    "€": "EUR",
    "£": "GBP EGP GIP LBP SYP SSP SHP FKP",
    "$": "USD CAD AUD NZD HKD SGD TWD MXN ARS CLP COP UYU DOP NAD FJD JMD TTD BBD BSD BZD BMD XCD "
    "LRD SBD SRD GYD KYD BND CUP NIO BOB PYG",
    "US$": "USD",
    "R$": "BRL",
    "A$": "AUD",
    "C$": "CAD NIO",
    "CA$": "CAD",
    "NZ$": "NZD",
    "HK$": "HKD",
    "MX$": "MXN",
    "¥": "JPY CNY",
    "円": "JPY",
    "₹": "INR",
    "₺": "TRY",
    "TL": "TRY",
    "₽": "RUB",
    "₩": "KRW",
    "zł": "PLN",
    "Kč": "CZK",
    "kr": "SEK NOK DKK ISK",
    "Rs": "INR PKR LKR NPR MUR SCR",
    "Rs.": "INR PKR LKR NPR MUR SCR",
    "Euro": "EUR",
    "Euros": "EUR",
    "SFr.": "CHF",
    "Fr": "CHF XAF XOF XPF",
    "Fr.": "CHF XAF XOF XPF",
    "kr.": "SEK NOK DKK ISK",
    "元": "CNY TWD HKD",
    "원": "KRW",
    "руб": "RUB BYN",
    "руб.": "RUB BYN",
    "Ft": "HUF",
    "₪": "ILS",
    "Rp": "IDR",
    "Rp.": "IDR",
}
_OF_CANADA = re.compile(r"\$ ?(?:CA|US|CAD|USD)\b")
"""In French a dollar's country stands behind the sign."""
_UNITS = {
    "k": 1e3,
    "K": 1e3,
    "Tsd.": 1e3,
    "Tsd": 1e3,
    "M": 1e6,
    "Mio": 1e6,
    "Mio.": 1e6,
    "mn": 1e6,
    "Million": 1e6,
    "Millionen": 1e6,
    "million": 1e6,
    "millions": 1e6,
    "B": 1e9,
    "bn": 1e9,
    "Md": 1e9,
    "Mds": 1e9,
    "Mld": 1e9,
    "Mld.": 1e9,
    "Mrd": 1e9,
    "Mrd.": 1e9,
    "lakh": 1e5,
    "Lakh": 1e5,
    "Lakhs": 1e5,
    "Crore": 1e7,
    "crores": 1e7,
    "lakhs": 1e5,
    "crore": 1e7,
    "Cr": 1e7,
    "万": 1e4,
    "億": 1e8,
    "亿": 1e8,
    **dict.fromkeys(("人", "名", "件", "社", "台", "明", "개", "MA"), 1.0),
    **dict.fromkeys(("people", "users", "seats", "employees", "employés", "salariés"), 1.0),
    **dict.fromkeys(("empleados", "days", "Tage", "jours", "días", "dias"), 1.0),
}
PLACEHOLDERS = frozenset(
    {"-", "--", "---", "–", "—", "?", "??", ".", "..", "...", "/", "\\n", "(null)", "nil"}
    | {"(blank)", "(empty)", "blank", "empty", "missing", "unknown", "not given", "not available"}
    | {"(none)", "(not set)", "(not provided)", "(unknown)", "(no value)"}
    | {"not set", "unbekannt", "keine angabe", "k.a.", "k. a.", "ka", "inconnu", "non renseigné"}
    | {"nr", "n.r.", "nc", "n.c.", "desconocido", "sin datos", "s/d", "n/d", "n.d.", "nd"}
    | {"nicht angegeben", "keine", "aucun", "aucune", "non communiqué", "ninguno", "sin dato"}
    | {"nenhum", "sem dados", "not known", "no data", "n.n.", "undefined", "#null"}
    | {"sans objet", "s.o.", "s/o", "néant", "non applicable", "non connu", "non disponible"}
    | {"nicht zutreffend", "entfällt", "entf.", "nicht bekannt", "nicht verfügbar"}
    | {"no aplica", "no procede", "no disponible", "não se aplica", "nao se aplica"}
    | {"não disponível", "non disponibile", "not applicable", "onbekend", "n.v.t.", "nvt"}
    | {"brak", "b/d", "ei tietoa", "okänt", "ukendt", "neuvedeno", "неизвестно"}
    | {"不明", "未記入", "なし", "无", "없음"}
    | {"desconhecido", "não informado", "n.a.", "n.v.", "tbd", "tba"}
)
"""What people write where a number or a time is not known; no reading of either."""
_SIGN = r"(?:[A-Z]{0,2}[^\w\s-]|[A-Z]{3}|kr\.?|Kč|zł|Ft|Fr\.)?"
_NO_MONEY = re.compile(rf"{_SIGN}\s*[-–—]\s*{_SIGN}")
"""A dash with a currency or "%", as accounting forms write where there is nothing ("$ -")."""


def is_placeholder(text: str) -> bool:
    """Whether a cell says that its number or time is not known."""
    return text.casefold() in PLACEHOLDERS or _NO_MONEY.fullmatch(text) is not None


def read_number(text: str, decimal: Decimal | None) -> float | None:
    """The number a text writes with that decimal sign; `None` when it writes none.

    Without a decimal sign only plain numbers are read, as a program writes them.
    """
    if decimal != "comma" and PLAIN.fullmatch(text):
        return float(text)
    return None if decimal is None else _written(text, decimal)


@lru_cache(maxsize=65_536)
def _written(text: str, decimal: Decimal) -> float | None:
    if decimal == "comma" and _PLAIN_COMMA.fullmatch(text):
        return float(text.replace(",", "."))
    parts = _parts(text, decimal)
    if parts is None:
        return None
    body, factor, is_negative = parts
    if not _forms()[decimal].fullmatch(body):
        return None
    sign = "." if decimal == "point" else ","
    whole, _, rest = body.partition(sign)
    digits = re.sub(r"[^0-9]", "", whole)
    number = float(f"{digits or 0}.{rest or 0}")
    number = number if factor == 1.0 else round(number * factor, 6)
    return -number if is_negative else number


def unit_of(text: str) -> str:
    """The currency or "%" that a number carries; empty when it carries none."""
    found = _pattern().fullmatch(_spelt(text).replace(_POINT_OF_ARABIC, "."))
    if found is None:
        return ""
    if found["percent"] or found["before"] == "%":
        return "%"
    return found["before"] or found["after"] or ""


def is_of_currency(unit: str, currency: str) -> bool:
    """Whether a number's `unit` may stand for an ISO 4217 currency; unknown ones may."""
    if re.fullmatch(r"[A-Z]{3}", unit):
        return unit == currency
    known = _CURRENCIES_OF.get(unit)
    return known is None or currency in known.split()


def sole_currency(unit: str) -> str | None:
    """The only currency that a number's `unit` may stand for, as "USD" and "€" do and "$" not."""
    named = unit if re.fullmatch(r"[A-Z]{3}", unit) else _CURRENCIES_OF.get(unit, "")
    return named if len(named) == 3 else None


def are_one_currency(units: Collection[str]) -> bool:
    """Whether all units of a column are spellings of one currency, as "Rs." and "₹" are.

    A "$" beside "US$" is another country's.
    """
    if "$" in units and len(units) > 1:
        return False
    codes = [_CURRENCIES_OF.get(u, u if re.fullmatch(r"[A-Z]{3}", u) else "") for u in units]
    return bool(set.intersection(*(set(known.split()) for known in codes)))


_ARABIC_SIGNS = str.maketrans({"٬": "'", "٪": "%"})
_POINT_OF_ARABIC = "٫"
"""A decimal sign whichever other the column has."""
_DASH_FOR_MINUS = re.compile(r"^[–—‐‑‒](?=\s?[^\W\d_]{0,3}\s?[^\w\s]?\s?[0-9])")


def _spelt(text: str) -> str:
    if len(text) > _LONGEST:
        return ""
    text = normalize("NFKC", text).strip().replace("−", "-").replace("\u00ad", "")
    if not text.isascii():
        text = western_digits(text).translate(_ARABIC_SIGNS)
        text = _DASH_FOR_MINUS.sub("-", text)
    return _OF_CANADA.sub("$", re.sub(r"[’´`ʼ]", "'", text))


def _parts(text: str, decimal: Decimal) -> tuple[str, float, bool] | None:
    """Digits with their signs, the factor of a unit such as "Mio", and whether it is negative."""
    spelt = _spelt(text).replace(_POINT_OF_ARABIC, "." if decimal == "point" else ",")
    in_brackets = spelt.startswith("(") and spelt.endswith(")")
    found = _pattern().fullmatch(spelt[1:-1].strip() if in_brackets else spelt)
    if found is None:
        return None
    signs = [s for s in (found["sign"], found["sign2"], found["sign3"]) if s]
    if len(signs) > 1 or (signs and in_brackets) or (found["percent"] and found["unit"]):
        return None
    if found["dash"] in (".", ",") and (found["dash"] == ".") != (decimal == "point"):
        return None  # "1.234,-": the sign before the dash is the decimal one
    factor = _UNITS[found["unit"]] if found["unit"] else 1.0
    return found["body"].strip(), factor, in_brackets or signs == ["-"]


@cache
def _pattern() -> re.Pattern[str]:
    from babel.core import get_global  # a large table: not at import

    codes = sorted(cast("dict[str, object]", get_global("all_currencies")))
    words = sorted((*_SYMBOLS.split(), *codes), key=len, reverse=True)
    money = "|".join(re.escape(normalize("NFKC", word)) for word in words)
    units = "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))
    return re.compile(
        rf"(?P<sign>[+-])?\s*(?P<before>{money}|%)?\s*(?P<sign2>[+-])?\s*"
        r"(?P<body>[0-9][0-9.,' ]*?|[.,][0-9]+)(?:(?P<dash>[.,/])\s?[-–—=]{1,2})?\s*"
        rf"(?:(?P<unit>{units})\s*)?(?:(?P<percent>%)|(?P<after>{money}))?\s*(?P<sign3>-)?"
    )


@cache
def _forms() -> dict[str, re.Pattern[str]]:
    forms = {}
    for name, (point, comma) in _SIGNS.items():
        west = r"[1-9][0-9]{0,2}(?P<group>" + comma + r"|'| )[0-9]{3}(?:(?P=group)[0-9]{3})*"
        india = rf"[1-9][0-9]?(?:{comma}[0-9]{{2}})+{comma}[0-9]{{3}}"
        forms[name] = re.compile(rf"(?:(?:{west}|{india}|[0-9]+)(?:{point}[0-9]*)?|{point}[0-9]+)")
    return forms


@dataclass(slots=True)
class NumberEvidence:
    """What the cells of one column tell of its decimal sign; cells are added as they come."""

    cells: int = 0
    read: Counter[str] = field(default_factory=Counter)
    """Cells that are a number with a decimal point, with a comma, with either."""
    only: Counter[str] = field(default_factory=Counter)
    """Cells that are a number with this decimal sign and not with the other."""
    differing: int = 0
    example: str = ""
    """A cell that both signs read, as different numbers."""
    needs_form: Counter[str] = field(default_factory=Counter)
    """Cells that are no plain number but one with this decimal sign."""
    units: Counter[str] = field(default_factory=Counter)

    def add(self, text: str, cells: int = 1) -> None:
        """Count a text that stands in so many cells."""
        self.cells += cells
        if text.isdecimal() and text.isascii():
            for name in (*DECIMALS, "either"):
                self.read[name] += cells
            return
        if sum(letter.isalpha() for letter in text[:_LONGEST]) > _MOST_LETTERS:
            return
        values = {decimal: read_number(text, decimal) for decimal in DECIMALS}
        known = [decimal for decimal in DECIMALS if values[decimal] is not None]
        if not known:
            return
        self.read["either"] += cells
        is_plain = PLAIN.fullmatch(text) is not None
        for decimal in known:
            self.read[decimal] += cells
            self.only[decimal] += cells if len(known) == 1 else 0
            self.needs_form[decimal] += 0 if is_plain and decimal == "point" else cells
        if len(known) == 2 and values["point"] != values["comma"]:
            self.differing += cells
            self.example = self.example or text
        if not is_plain and (unit := unit_of(text)):
            self.units[unit] += cells

    def settled(self) -> Decimal | None:
        """The decimal sign that the cells themselves decide, if they decide."""
        point, comma = self.only["point"], self.only["comma"]
        if point == comma:
            return None
        return "point" if point > comma else "comma"

    def is_ambiguous(self) -> bool:
        """Whether both signs fit every number and mean different numbers."""
        return self.differing > 0 and self.settled() is None
