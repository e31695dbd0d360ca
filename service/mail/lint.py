"""What a mail may not be: hollow in its first line, too long, or without a way out."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from service.mail.locales import Locale
from service.mail.render import Context, Letter

SUBJECT_CHARACTERS = 78
OPENING_CHARACTERS = 260
TEXT_CHARACTERS = 2_500
HTML_BYTES = 102 * 1024  # Gmail cuts what is longer


def complaints(letter: Letter, context: Context, tongue: Locale) -> list[str]:
    """What is wrong with a rendered mail; nothing when it may go out."""
    opening = first_line(letter, context)
    found = [f'the first line says nothing: "{said}"' for said in hollow(opening, tongue.name)]
    for what, size, most in (
        ("subject", len(letter.subject), SUBJECT_CHARACTERS),
        ("first line", len(opening), OPENING_CHARACTERS),
        ("text", len(letter.text), TEXT_CHARACTERS),
        ("HTML in bytes", len(letter.html.encode()), HTML_BYTES),
    ):
        if size > most:
            found.append(f"the {what} is {size:,} long, at most {most:,}")
    for name in ("unsubscribe_url", "postal_address"):
        if str(context[name]) not in letter.text:
            found.append(f"the text lacks the {name.replace('_', ' ')}")
    return found


def first_line(letter: Letter, context: Context) -> str:
    """What the reader reads first after the greeting."""
    lines = letter.text.removeprefix(str(context["greeting"])).strip().splitlines()
    return lines[0] if lines else ""


def hollow(line: str, tongue_name: str) -> list[str]:
    """The phrases of a line that say nothing in that language."""
    spoken = line.casefold().replace("’", "'")
    return [said for said in _hollow()[tongue_name] if said.replace("’", "'") in spoken]


@cache
def _hollow() -> Mapping[str, list[str]]:
    return tomllib.loads(
        files("service.mail").joinpath("emails", "hollow.toml").read_text(encoding="utf-8")
    )
