"""Renders one mail from its folder in `emails/` and builds the message that leaves.

To add a mail: a folder with `subject.txt`, `text.txt` and `html.html`, each extending the
layout of its kind where there is one; a policy's rule names the folder. Templates see plain
strings and numbers only, in a sandbox, and text from a lead is never compiled as a template.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import cache
from importlib.resources import files

import css_inline
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

Context = Mapping[str, str | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A rendered mail."""

    subject: str
    text: str
    html: str


@cache
def email_names() -> frozenset[str]:
    """The mails that ship: one folder each."""
    folder = files("service").joinpath("emails")
    return frozenset(entry.name for entry in folder.iterdir() if entry.is_dir())


def render(email: str, context: Context) -> Letter:
    """The mail of that name; raises jinja2's UndefinedError when the context lacks a word."""
    plain, html = _environments()
    subject = plain.get_template(f"{email}/subject.txt").render(context)
    return Letter(
        subject=" ".join(subject.split()),  # one line, whatever a lead's name holds
        text=plain.get_template(f"{email}/text.txt").render(context),
        html=_inliner().inline(html.get_template(f"{email}/html.html").render(context)),
    )


def build_message(
    letter: Letter,
    *,
    sender: str,
    recipient: str,
    message_id: str,
    unsubscribe_url: str,
    at: datetime,
) -> EmailMessage:
    """The MIME message, with one-click unsubscribe (RFC 8058) and a stable Message-ID."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = recipient
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id
    message["List-Unsubscribe"] = f"<{unsubscribe_url}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


def message_id_of(mail_id: str, sender: str) -> str:
    """The Message-ID of a staged mail: the same each time it is tried."""
    domain = parseaddr(sender)[1].partition("@")[2] or "giveget.example"
    return f"<{mail_id}@{domain}>"


@cache
def _environments() -> tuple[SandboxedEnvironment, SandboxedEnvironment]:
    folder = str(files("service").joinpath("emails"))

    def environment(autoescape: bool) -> SandboxedEnvironment:
        return SandboxedEnvironment(
            loader=FileSystemLoader(folder),
            undefined=StrictUndefined,
            autoescape=autoescape,
            keep_trailing_newline=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    return environment(False), environment(True)


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False)
