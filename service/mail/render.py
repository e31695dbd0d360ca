"""Renders one mail in one tongue from its folder in `emails/`.

To add a mail: a folder with `words.toml` (a table of subject, opening and closing for each
tongue); a policy's rule names the folder. One's own folder of such folders (`GIVEGET_EMAILS`) adds
mails and comes before the shipped ones; it is read once, when a process starts.

Words are put into the layout and its styles inlined once; what is rendered for each mail sees
plain strings, rows of them and numbers only, in a sandbox, and text from a lead is never compiled
as a template.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import css_inline
from jinja2 import Environment, StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment

from service.domain.plain_text import finalized
from service.domain.usage_report import REPORT
from service.mail.brand import Brand
from service.mail.locales import Locale, locale_of, parse_words, read_words

Context = Mapping[str, str | int | Sequence[tuple[str, ...]]]
_TAGS = re.compile(r"<!--(\{%.*?%\})-->")  # in a table a bare tag would be moved out of it
_INDENT = re.compile(r"^ +", re.MULTILINE)  # for who reads the layout; a mail need not carry it
WORDS = "words.toml"
TEXTS = ("subject", "opening", "closing")


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
def shipped_names() -> frozenset[str]:
    """The mails that ship: one folder each."""
    folder = files("service.mail").joinpath("emails")
    return frozenset(entry.name for entry in folder.iterdir() if entry.is_dir())


@cache
def own_names(folder: Path | None) -> frozenset[str]:
    """The mails of one's own folder; none without one."""
    if folder is None:
        return frozenset()
    return frozenset(words.parent.name for words in folder.glob(f"*/{WORDS}"))


def asks_for_consent(email: str) -> bool:
    """Whether a mail asks for a consent; one's own words never make it one."""
    return email in shipped_names() and bool(words_of(email).get("asks", False))


def is_a_report(email: str) -> bool:
    """Whether a mail tells what the reader's own team did, or that such a report does not come."""
    return email in shipped_names() and bool(words_of(email).get("report", False))


def confirms_acceptance(email: str) -> bool:
    """Whether a mail confirms what was agreed, to who accepted an offer."""
    return email in shipped_names() and bool(words_of(email).get("accepted", False))


def email_names(folder: Path | None = None) -> frozenset[str]:
    """Every mail there is: those that ship, and those of one's own folder."""
    return shipped_names() | own_names(folder)


def is_about_an_offer(email: str, folder: Path | None = None) -> bool:
    """Whether a mail tells of an offer; the others introduce a person.

    One's own words change what a shipped mail says, never what it is for.
    """
    words = words_of(email, None if email in shipped_names() else folder)
    return bool(words.get("offer", True))


def offer_mails(folder: Path | None = None) -> frozenset[str]:
    """The mails a policy's rule may name."""
    names = email_names(folder)
    return frozenset(
        name for name in names if is_about_an_offer(name, folder) and not confirms_acceptance(name)
    )


def render(
    email: str,
    context: Context,
    tongue: Locale,
    brand: Brand | None = None,
    folder: Path | None = None,
) -> Letter:
    """The mail of that name, one's own before the shipped one.

    Raises jinja2's UndefinedError when the context lacks a word.
    """
    form = _form(email, tongue.name, brand or Brand(), folder)
    subject = " ".join(form.subject.render(context).split())  # one line, whatever a name holds
    return Letter(
        subject=subject,
        text=form.text.render(context),
        html=form.html.render({**context, "subject": subject}),
    )


@cache
def _form(email: str, tongue_name: str, brand: Brand, folder: Path | None) -> _Form:
    """A mail's templates in one tongue. Raises KeyError when its folder lacks a word of it."""
    words, tongue = words_of(email, folder), locale_of(tongue_name)
    own = {name: words[tongue_name][name] for name in TEXTS}
    said = {
        "offer": is_about_an_offer(email, folder),
        "accepted": confirms_acceptance(email),
        "asks": asks_for_consent(email),
        "report": is_a_report(email),
        "lines": email == REPORT,
        "locale": tongue_name,
        "letter": tongue.words["letter"],
        "see": tongue.say("letter.open" if confirms_acceptance(email) else "letter.see"),
        "said": tongue.words["report"],
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
def words_of(email: str, folder: Path | None = None) -> dict[str, Any]:
    """What a mail's file of words holds. Raises OSError, and ValueError for what is no TOML."""
    if folder is not None and email in own_names(folder):
        return parse_words((folder / email / WORDS).read_text(encoding="utf-8"))
    return read_words("emails", email, WORDS)


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
