"""Languages and countries as people write them: by code or by English name.

The names are Babel's. What neither list knows is refused: leads are matched by code, so a rep who
"speaks German" under any other word would be given nobody.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated

from babel import Locale
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

_ALSO = {"uk": "GB"}
_NO_COUNTRY = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}
_NO_LANGUAGE = {"mul", "root", "und", "zxx"}


def _read_language(told: str) -> str:
    """`de` for `de`, `de-AT`, `DE` and `German`: a lead's language is kept without its region."""
    told = told.strip()
    base = told.replace("_", "-").partition("-")[0].lower()
    found = base if base in _languages().values() else _languages().get(told.casefold())
    if found is None:
        raise PydanticCustomError(
            "unknown_language", "must be a language, such as en or English, de or German"
        )
    return found


def _read_country(told: str) -> str:
    """`DE` for `DE`, `de` and `Germany`."""
    told = told.strip()
    found = _ALSO.get(told.lower()) or (
        told.upper() if told.upper() in _countries().values() else _countries().get(told.casefold())
    )
    if found is None:
        raise PydanticCustomError(
            "unknown_country", "must be a country, such as BR or Brazil, DE or Germany"
        )
    return found


@cache
def _languages() -> dict[str, str]:
    named = Locale("en").languages.items()
    return {
        str(name).casefold(): code
        for code, name in named
        if "_" not in code and code not in _NO_LANGUAGE
    }


@cache
def _countries() -> dict[str, str]:
    named = Locale("en").territories.items()
    return {
        str(name).casefold(): code
        for code, name in named
        if code.isalpha() and code not in _NO_COUNTRY
    }


_Written = Annotated[str, Field(min_length=1, max_length=100)]
Language = Annotated[_Written, AfterValidator(_read_language)]
Country = Annotated[_Written, AfterValidator(_read_country)]
