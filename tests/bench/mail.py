"""A mail rendered, inlined and built, beside the standard library's EmailMessage with inlining
for each mail; then both halves by themselves, all in turn in one run."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

import css_inline

from service.mail.mime import Message, build_message
from service.mail.offer_words import offer_words
from service.mail.render import Letter, render
from service.mail.samples import Sample, sample
from tests.bench.harness import Figure, micro, seconds, times

_AT = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
_STYLES = ".sheet{padding:32px}.trade td{padding:10px 16px}.button a{color:#fff}p{margin:0 0 16px}"


def run() -> list[Figure]:
    """German, where every header and both parts hold letters beyond ASCII."""
    made = sample("extra-months", "de")
    terms = made.terms
    assert terms is not None
    inliner = css_inline.CSSInliner(load_remote_stylesheets=False)
    styled = made.letter.html.replace("<body", f"<style>{_STYLES}</style><body", 1)

    def ours() -> Message:
        return _built(render("extra-months", made.context, made.tongue), made)

    def theirs() -> bytes:
        letter = render("extra-months", made.context, made.tongue)
        return _standard(letter, inliner.inline(styled), made)

    both = seconds(ours, theirs, number=100)
    rendered = seconds(lambda: render("extra-months", made.context, made.tongue), number=100)[0]
    spoken = seconds(lambda: offer_words(terms, 1, made.tongue), number=100)[0]
    halves = seconds(
        lambda: _built(made.letter, made),
        lambda: _standard(made.letter, made.letter.html, made),
        number=100,
    )
    return [
        Figure(
            "a mail rendered, inlined and built",
            f"{1 / both[0]:,.0f}/s",
            f"{1 / both[1]:,.0f}/s EmailMessage + inlining",
            times(both[1], both[0]),
        ),
        Figure("… on an idle core", f"{1 / both[0]:,.0f}/s", "aim 2,000/s", ""),
        Figure("an offer's numbers and dates in words, before it", micro(spoken), "", ""),
        Figure("rendering", micro(rendered), "", ""),
        Figure(
            "building the message",
            micro(halves[0]),
            f"{micro(halves[1])} EmailMessage",
            times(halves[1], halves[0]),
        ),
    ]


def _built(letter: Letter, made: Sample) -> Message:
    return build_message(
        letter,
        sender_name="Inês Duarte",
        sender_address="ines@giveget.example",
        recipient="beatrice@large.example",
        message_id="<mail_1@giveget.example>",
        unsubscribe_url=str(made.context["unsubscribe_url"]),
        at=_AT,
    )


def _standard(letter: Letter, html: str, made: Sample) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"] = "Inês Duarte <ines@giveget.example>"
    message["To"] = "beatrice@large.example"
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(_AT)
    message["Message-ID"] = "<mail_1@giveget.example>"
    message["List-Unsubscribe"] = f"<{made.context['unsubscribe_url']}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    message.add_alternative(html, subtype="html")
    return bytes(message)
