"""Reads one value of an attribute, the same from a CSV cell, a Parquet cell and a JSON field."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from datetime import datetime

from scoring.files.cells import typed_text
from scoring.files.numbers import Decimal, is_placeholder, read_number
from scoring.files.times import read_time
from scoring.leads.lead import Value

ALWAYS_MISSING = frozenset(
    {"", "na", "n/a", "nan", "null", "none", "#n/a", "#nv", "#n/d", "-none-", "--none--", "\\n"}
    | {"(null)", "[null]", "<null>"}
)
"""Empty cells of programs: of spreadsheets, databases, and of Zoho's and Salesforce's lists."""
FAILED = frozenset(
    {"#n/v", "#value!", "#ref!", "#div/0!", "#name?", "#null!", "#num!", "#error!", "#spill!"}
    | {"#calc!", "#getting_data", "#blocked!", "#busy!", "#field!", "#connect!", "#unknown!"}
    | {"#wert!", "#bezug!", "#zahl!", "#valeur!", "#nom?", "#nombre!", "#nul!", "#valor!", "#nome?"}
    | {"#núm!", "#¡valor!", "#¡ref!", "#¡div/0!", "#¿nombre?", "#¡num!", "#¡nulo!", "#valore!"}
    | {"#rif!", "#waarde!", "#verw!", "#deel/0!", "#naam?", "#getal!", "#arg!", "#adr!", "#liczba!"}
    | {"#знач!", "#ссылка!", "#имя?", "#число!", "#н/д", "#дел/0!", "#değer!", "#başv!", "#ad?"}
    | {"#yok", "#sayi/0!", "#bölü/0!", "#värdefel!", "#referens!", "#saknas!"}
)
"""What a spreadsheet shows where a formula failed, in the language of whoever opened it."""
_EMPTY = ALWAYS_MISSING | FAILED
_BOOLEANS = {
    "yes": "yes",
    "y": "yes",
    "true": "yes",
    "t": "yes",
    "1": "yes",
    "on": "yes",
    "ja": "yes",
    "oui": "yes",
    "si": "yes",
    "sí": "yes",
    "sim": "yes",
    "wahr": "yes",
    "vrai": "yes",
    "verdadero": "yes",
    "verdadeiro": "yes",
    "evet": "yes",
    "doğru": "yes",
    "vero": "yes",
    "waar": "yes",
    "tak": "yes",
    "да": "yes",
    "はい": "yes",
    "是": "yes",
    "✓": "yes",
    "✔": "yes",
    "☑": "yes",
    "✅": "yes",
    "○": "yes",
    "◯": "yes",
    "〇": "yes",
    "j": "yes",
    "예": "yes",
    "نعم": "yes",
    "بله": "yes",
    "no": "no",
    "n": "no",
    "false": "no",
    "f": "no",
    "0": "no",
    "off": "no",
    "nein": "no",
    "non": "no",
    "não": "no",
    "nao": "no",
    "falsch": "no",
    "faux": "no",
    "falso": "no",
    "hayır": "no",
    "hayir": "no",
    "yanlış": "no",
    "onwaar": "no",
    "nie": "no",
    "нет": "no",
    "いいえ": "no",
    "否": "no",
    "✗": "no",
    "✘": "no",
    "☐": "no",
    "❌": "no",
    "❎": "no",
    "✖": "no",
    "✕": "no",
    "×": "no",
    "nej": "no",
    "nee": "no",
    "아니요": "no",
    "아니오": "no",
    "لا": "no",
    "خیر": "no",
} | {
    **dict.fromkeys(
        ("da", "ano", "áno", "igen", "kyllä", "kylla", "jah", "jā", "taip", "так"), "yes"
    ),
    **dict.fromkeys(("ναι", "có", "ใช่", "हाँ", "हां", "ya", "כן", "对", "對", "checked"), "yes"),
    **dict.fromkeys(("prawda", "pravda", "igaz", "tosi", "sant", "sand", "sann", "истина"), "yes"),
    **dict.fromkeys(("ne", "nem", "ei", "nē", "ні", "не", "όχι", "οχι", "không", "ไม่ใช่"), "no"),
    **dict.fromkeys(("नहीं", "tidak", "לא", "错", "錯", "unchecked", "fałsz", "nepravda"), "no"),
    **dict.fromkeys(("hamis", "epätosi", "falskt", "falsk", "usann", "ложь"), "no"),
}
_AS_NUMBER = re.compile(r"([01])[.,]0+")
"""One and nought of a column that a program read as numbers."""


_NO_OBJECTION = frozenset(
    {
        "-",
        "–",
        "unchecked",
        "allow",
        "allowed",
        "subscribed",
        "opted in",
        "opt in",
        "opted-in",
        "opt-in",
    }
    | {"abonniert", "angemeldet", "abonné", "abonnée", "inscrit", "suscrito", "inscrito", "active"}
)


_NEVER = ("0000-00-00", "00.00.0000", "00/00/0000")
"""The day that databases write where something never happened."""
_SHORT_NAME = 3


def present(value: Value, missing: Collection[str]) -> Value:
    """`value`, stripped; `None` when it is empty, NaN, a failed formula or a `missing` token."""
    if isinstance(value, str):
        text = typed_text(value.strip())
        return None if text.casefold() in _EMPTY or text in missing else text
    if isinstance(value, float) and math.isnan(value):
        return None
    return value


def as_field(value: Value) -> Value:
    """A present cell of a lead's field; `None` where it says that there is nothing, such as "-".

    What may be a name or a code of a place ("Ka", "ND") is kept.
    """
    if isinstance(value, str) and is_placeholder(value):
        return value if value.isalpha() and len(value) <= _SHORT_NAME else None
    return value


def as_number(value: Value, decimal: Decimal | None = None) -> float | None:
    """A finite number, or `None` when the text is none with that decimal sign.

    Without a sign only a plain number is one, as a program writes it.
    """
    if isinstance(value, str):
        value = read_number(value, decimal)
    if value is None:
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def as_boolean(value: Value) -> str | None:
    """`"yes"` or `"no"` for any usual spelling, else `None`."""
    text = as_category(value)
    if text is None:
        return None
    answer = _BOOLEANS.get(text.casefold().removesuffix("\ufe0f"))
    if answer is None and (number := _AS_NUMBER.fullmatch(text)):
        return _BOOLEANS[number[1]]
    return answer


def as_objection(value: Value) -> bool:
    """Whether a present cell of a column of objections objects: whatever it holds does, but a no.

    People tick such a column with "x", "unsubscribed" or a date.
    """
    answer = as_boolean(value)
    if answer is not None:
        return answer == "yes"
    text = (as_category(value) or "").casefold()
    return text not in _NO_OBJECTION and not text.startswith(_NEVER)


def as_category(value: Value) -> str | None:
    """The value as text; a whole number is written without a point, a boolean as yes or no."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value)


def as_time(value: Value, form: str = "iso") -> datetime | None:
    """A UTC time from a value in `form`, as `scoring.files.times` knows them."""
    return read_time(value, form)
