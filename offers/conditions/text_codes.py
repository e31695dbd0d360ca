"""Texts as small numbers for the solver; one text has one code in every fact.

Where any text may come, a few spare values stand for all those that no rule names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from offers.countries import countries, countries_of
from offers.situation import FACTS

SPARE = 4
"""Spare values for each text: as many as there are facts that are compared with each other."""


class TextCodes:
    """The texts of one policy."""

    def __init__(self, literals: Mapping[str, Iterable[object]], used: Iterable[str]) -> None:
        self._of: dict[str, tuple[str, ...]] = {}
        named = {
            name: [value for value in values if isinstance(value, str)]
            for name, values in literals.items()
        }
        every_country = sorted(
            {
                value
                for name, values in named.items()
                if FACTS[name].values == countries()
                for value in values
            }
        )
        for name in used:
            fact = FACTS[name]
            if fact.type != "text":
                continue
            if fact.values == countries():
                self._of[name] = _with_spare_countries(every_country)
            elif fact.values:
                self._of[name] = fact.values
            else:
                spare = [f"other-{index}" for index in range(1, SPARE + 1)]
                self._of[name] = tuple(dict.fromkeys([*named.get(name, []), *spare]))
        every = sorted({value for values in self._of.values() for value in values})
        self._code = {value: code for code, value in enumerate(every)}
        self._value = dict(enumerate(every))

    def values(self, fact: str) -> tuple[str, ...]:
        """Every value a fact may take here."""
        return self._of[fact]

    def codes(self, fact: str) -> list[int]:
        """The codes of those values."""
        return [self._code[value] for value in self._of[fact]]

    def code(self, value: str) -> int:
        """The code of a text."""
        return self._code[value]

    def value(self, code: int) -> str:
        """The text of a code."""
        return self._value[code]


def _with_spare_countries(named: list[str]) -> tuple[str, ...]:
    spare: list[str] = []
    for region in FACTS["region"].values:
        spare += [code for code in countries_of(region) if code not in named][:SPARE]
    return (*named, *spare)
