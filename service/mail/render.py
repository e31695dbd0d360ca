"""Renders one mail in one tongue from its folder in `emails/`.

To add a mail: a folder with `words.toml` (a table of subject, opening and closing for each
tongue); a policy's rule names the folder. Words are put into the layout and its styles inlined
once; what is rendered for each mail sees plain strings and numbers only, in a sandbox, and text
from a lead is never compiled as a template.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import css_inline
from jinja2 import Environment, StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment

from service.domain.plain_text import finalized
from service.mail.brand import Brand
from service.mail.locales import Locale, locale_of, read_words

Context = Mapping[str, str | int]
_TAGS = re.compile(r"<!--(\{%.*?%\})-->")  # in a table a bare tag would be moved out of it
_INDENT = re.compile(r"^ +", re.MULTILINE)  # for who reads the layout; a mail need not carry it
_WORDS = ("subject", "opening", "closing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A rendered mail."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class _Form:
    subject: Template
    text: Template
    html: Template


@cache
def email_names() -> frozenset[str]:
    """The mails that ship: one folder each."""
    folder = files("service.mail").joinpath("emails")
    return frozenset(entry.name for entry in folder.iterdir() if entry.is_dir())


def is_about_an_offer(email: str) -> bool:
    """Whether a mail tells of an offer; the others introduce a person."""
    return bool(_words(email).get("offer", True))


def offer_mails() -> frozenset[str]:
    """The mails a policy's rule may name."""
    return frozenset(email for email in email_names() if is_about_an_offer(email))


def render(email: str, context: Context, tongue: Locale, brand: Brand | None = None) -> Letter:
    """The mail of that name; raises jinja2's UndefinedError when the context lacks a word."""
    form = _form(email, tongue.name, brand or Brand())
    subject = " ".join(form.subject.render(context).split())  # one line, whatever a name holds
    return Letter(
        subject=subject,
        text=form.text.render(context),
        html=form.html.render({**context, "subject": subject}),
    )


@cache
def _form(email: str, tongue_name: str, brand: Brand) -> _Form:
    """A mail's templates in one tongue. Raises KeyError when its folder lacks a word of it."""
    words, tongue = _words(email), locale_of(tongue_name)
    own = {name: words[tongue_name][name] for name in _WORDS}
    said = {
        "offer": is_about_an_offer(email),
        "locale": tongue_name,
        "letter": tongue.words["letter"],
        "brand": brand,
        **own,
    }
    html = _inliner().inline(_laid_out("layout.html", said, finalize=_marked_up))
    plain, marked = _environment(autoescape=False), _environment(autoescape=True)
    return _Form(
        subject=plain.from_string(own["subject"]),
        text=plain.from_string(_laid_out("layout.txt", said)),
        html=marked.from_string(_INDENT.sub("", _TAGS.sub(r"\1", html))),
    )


@cache
def _words(email: str) -> dict[str, Any]:
    return read_words("emails", email, "words.toml")


def _laid_out(name: str, said: Mapping[str, Any], **how: Any) -> str:
    """A layout with a tongue's words in it: `[[ word ]]`, `[% if offer %]`."""
    layouts = Environment(  # noqa: S701  # `finalize` marks up; `{{ }}` must stay as it is
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        variable_start_string="[[",
        variable_end_string="]]",
        block_start_string="[%",
        block_end_string="%]",
        comment_start_string="[#",
        comment_end_string="#]",
        **how,
    )
    layout = files("service.mail").joinpath("emails", name).read_text(encoding="utf-8")
    return layouts.from_string(layout).render(said)


def _marked_up(word: object) -> str:
    """A word as HTML text; its own `{{ }}` hold neither quotes nor brackets."""
    return str(word).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@cache
def _environment(*, autoescape: bool) -> SandboxedEnvironment:
    return SandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=autoescape,
        finalize=finalized,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(
        load_remote_stylesheets=False, keep_style_tags=False, keep_at_rules=True
    )
