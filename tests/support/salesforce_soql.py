"""So much of SOQL as is asked of the tests' Salesforce: one object, WHERE, ORDER BY, LIMIT.

Text compares without regard to case, ids also by their first fifteen characters, and a field that
nobody made is refused, as the "SOQL and SOSL Reference" says.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_QUERY = re.compile(
    r"SELECT (?P<fields>.+?) FROM (?P<kind>\w+)(?: WHERE (?P<where>.+?))?"
    r"(?: ORDER BY (?P<order>[\w, ]+?))?(?: LIMIT (?P<limit>\d+))?$"
)
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')|(?P<time>\d{4}-\d\d-\d\dT[\d:.]+Z)"
    r"|(?P<sign><=|>=|!=|=|<|>|\(|\)|,)|(?P<word>[\w.]+))"
)
_SUBQUERY = re.compile(r"\(SELECT (\w+) FROM (\w+)\)")
Look = Callable[[str], Any]
"""The value of a field of one record."""
Condition = Callable[[Look], bool]


class Malformed(Exception):  # noqa: N818  # Salesforce's own word for it
    """A query that cannot be read."""


@dataclass(frozen=True)
class Query:
    """What is asked for."""

    kind: str
    fields: tuple[str, ...]
    children: tuple[tuple[str, str], ...]
    """A field of records below, and their relationship's name."""
    where: Condition
    order: tuple[str, ...]
    limit: int | None
    named: tuple[str, ...]
    """Every field that conditions and order name."""


def read_query(text: str) -> Query:
    """A query. Raises Malformed."""
    found = _QUERY.fullmatch(text.strip())
    if found is None:
        raise Malformed(text)
    children = tuple(_SUBQUERY.findall(found["fields"]))
    plain = _SUBQUERY.sub("", found["fields"])
    fields = tuple(name.strip() for name in plain.split(",") if name.strip())
    reader = _Reader(found["where"] or "")
    where: Condition = reader.either() if found["where"] else lambda _: True
    reader.end()
    order = tuple(name.strip() for name in (found["order"] or "").split(",") if name.strip())
    return Query(
        kind=found["kind"],
        fields=fields,
        children=children,
        where=where,
        order=order,
        limit=int(found["limit"]) if found["limit"] else None,
        named=(*reader.fields, *order),
    )


class _Reader:
    """Conditions, read by descent."""

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        self.fields: list[str] = []
        at = 0
        while at < len(text.rstrip()):
            found = _TOKEN.match(text, at)
            if found is None:
                raise Malformed(text[at:])
            assert found.lastgroup is not None
            self._tokens.append((found.lastgroup, found[found.lastgroup]))
            at = found.end()

    def end(self) -> None:
        if self._tokens:
            raise Malformed(str(self._tokens))

    def either(self) -> Condition:
        parts = [self._both()]
        while self._takes("OR"):
            parts.append(self._both())
        return lambda look: any(part(look) for part in parts)

    def _both(self) -> Condition:
        parts = [self._one()]
        while self._takes("AND"):
            parts.append(self._one())
        return lambda look: all(part(look) for part in parts)

    def _one(self) -> Condition:
        if self._takes("("):
            inner = self.either()
            self._must(")")
            return inner
        field = self._next()[1]
        self.fields.append(field)
        if self._takes("IN"):
            self._must("(")
            values = [self._value()]
            while self._takes(","):
                values.append(self._value())
            self._must(")")
            return lambda look: any(_same(look(field), value) for value in values)
        if self._takes("LIKE"):
            begins = str(self._value()).removesuffix("%").casefold()
            return lambda look: str(look(field) or "").casefold().startswith(begins)
        sign, value = self._next()[1], self._value()
        return lambda look: _compares(sign, look(field), value)

    def _value(self) -> Any:
        kind, text = self._next()
        if kind == "text":
            return re.sub(r"\\(.)", r"\1", text[1:-1])
        if kind == "time":
            return datetime.fromisoformat(text)
        words = {"true": True, "false": False, "null": None}
        if text not in words:
            raise Malformed(text)
        return words[text]

    def _next(self) -> tuple[str, str]:
        if not self._tokens:
            raise Malformed("unexpected end")
        return self._tokens.pop(0)

    def _takes(self, word: str) -> bool:
        if self._tokens and self._tokens[0][0] != "text" and self._tokens[0][1].upper() == word:
            self._tokens.pop(0)
            return True
        return False

    def _must(self, word: str) -> None:
        if not self._takes(word):
            raise Malformed(word)


def _same(held: Any, value: Any) -> bool:
    if isinstance(held, str) and isinstance(value, str):
        if len(held) == 18 and len(value) in (15, 18) and (held + value).isalnum():
            return held[:15] == value[:15]
        return held.casefold() == value.casefold()
    return bool(held == value)


def _compares(sign: str, held: Any, value: Any) -> bool:
    if isinstance(value, datetime):
        held = None if held is None else datetime.fromisoformat(held)
    if sign == "=":
        return _same(held, value)
    if sign == "!=":
        return not _same(held, value)
    if held is None:
        return False
    return bool({">": held > value, ">=": held >= value, "<": held < value}[sign])


def ordered(rows: list[dict[str, Any]], order: tuple[str, ...]) -> list[dict[str, Any]]:
    """Rows by some of their fields."""
    return sorted(rows, key=lambda row: tuple(str(row.get(name) or "") for name in order))
