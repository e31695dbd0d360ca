"""Reading a term's value from the policy file, and saying numbers in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from offers.problems import did_you_mean

WORDS = [
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]


class TermError(ValueError):
    """A give's or a get's value that means nothing; the message says what to write."""


def read_whole(name: str, value: object, low: int, high: int) -> int:
    """A whole number within a term's own range."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TermError(f"{name} {value!s} must be a whole number")
    if not low <= value <= high:
        raise TermError(f"{name} {value} is outside {low}–{high}")
    return value


def read_yes(name: str, value: object) -> None:
    """`true`; anything else asks for nothing."""
    if value is not True:
        raise TermError(f"{name} must be true (leave it out to ask for nothing)")


def read_table(
    name: str, value: object, *, required: Iterable[str], optional: Iterable[str] = ()
) -> Mapping[str, object]:
    """An inline table with these keys and no others."""
    required = tuple(required)
    known = (*required, *optional)
    example = ", ".join(f"{key} = …" for key in required)
    if not isinstance(value, Mapping):
        raise TermError(f"{name} must be a table: {{ {example} }}")
    for key in value:
        if key not in known:
            raise TermError(f"{name} has no key `{key}`{did_you_mean(key, known)}")
    for key in required:
        if key not in value:
            raise TermError(f"{name} needs `{key}`: {{ {example} }}")
    return value


def word(number: int) -> str:
    """`three` for 3; figures above ten."""
    return WORDS[number] if 0 <= number <= 10 else f"{number:,}"


def named(partner: str) -> str:
    """`Sitebuilder` for a partner that the policy calls `sitebuilder`."""
    return partner[:1].upper() + partner[1:]


def spoken(noun: str, number: int) -> str:
    """`month` or `months`."""
    return noun if number == 1 else f"{noun}s"


def counted(number: int, noun: str) -> str:
    """`one teammate`, `two teammates`."""
    return f"{word(number)} {spoken(noun, number)}"
