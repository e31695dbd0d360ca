"""`giveget privacy notice`: what the site must tell people about this service, by its settings."""

from __future__ import annotations

from email.utils import parseaddr
from typing import TYPE_CHECKING

import typer

from service.cli.fail import fail

if TYPE_CHECKING:
    from service.settings import Settings

app = typer.Typer(no_args_is_help=True, help="What people are told about their data.")

_JOINED = {
    "consented": "What a browser did before is joined to the person only where the visitor agreed "
    "to that in the consent banner.",
    "always": "What a browser did before is joined to the person. (Your banner must cover this: "
    "join_anonymous is `always`.)",
    "never": "What a browser did before somebody signed up is never joined to them.",
}
_REPORT = (
    "Reports to your company. An admin of your company may order a report of what your team did in "
    "the product, for people of your company whom they name. It is made for your company and tells "
    "sums over five people or more: no names, no times of a single person, no score. The page of "
    "the report, which the product shows you, says who ordered it, who gets it and what it said; "
    "there you may stop getting it, and be left out of its figures."
)


@app.callback()
def privacy() -> None:
    """What people are told about their data."""


@app.command()
def notice() -> None:
    """Print the text for the site's privacy notice; have your counsel read it."""
    from service.errors import ConfigurationError
    from service.settings import read_settings

    try:
        typer.echo(text_of(read_settings()))
    except ConfigurationError as error:
        fail(str(error))


def text_of(settings: Settings) -> str:
    """The notice (GDPR articles 13, 14, 21 and 22), in plain words and with this set-up's terms."""
    team, address = parseaddr(settings.mail_from)
    tools = [
        name
        for name, is_on in (
            ("Aircall", settings.aircall_token or settings.aircall_api_key),
            ("HubSpot", settings.hubspot_secret or settings.hubspot_token),
            ("Segment", settings.segment_secret or settings.segment_server_secret),
            ("Stripe", settings.stripe_webhook_secret or settings.stripe_key),
            ("Amazon SES", settings.ses_topic),
            ("Postmark", settings.postmark_credentials),
            ("SendGrid", settings.sendgrid_public_key),
            ("Mailgun", settings.mailgun_signing_key),
            ("Resend", settings.resend_secret),
            ("Slack (a link, no personal data)", settings.slack_url),
        )
        if is_on
    ]
    paragraphs = (
        "Trial accounts: how we use your data",
        f"Who. {team or address}, {settings.mail_postal_address}; {address}.",
        "What. What you enter when you sign up (name, business mail address, phone, title, "
        "company, country, seats and plan), where you came from, what you do in the trial, what "
        "you answer when we call, and "
        f"our contacts with you. {_JOINED[settings.join_anonymous]}",
        "What for. To answer you in time, to decide whether a person of ours calls you, and to "
        "offer terms that may suit you (GDPR article 6(1)(b) and (f): steps towards a contract, "
        "and our interest in answering first who is likely to buy).",
        "Profiling. A score estimates how likely a trial becomes a customer, from the data above: "
        "the kind of mail address, title, company, country and what was done in the trial, each "
        "with a fixed number of points. By it we decide in which order people are called, whether "
        "an offer is made to you by mail, and which. It closes nothing to you: list prices and "
        "the product are the same for all, and a person looks at any decision you ask about. A "
        "random share of accounts gets no offer, so that we learn whether offers help.",
        "Mail. We write about offers only where you agreed, asked us, bought from us, or have a "
        "trial account and were told so when you signed up, as your country's law allows. Each "
        "mail ends with a link that stops all of them at once. A partner's products are written "
        "about only if you agreed and the partner was named.",
        *([_REPORT] if settings.usage_report else []),
        f"Who else. {_listed(tools)}",
        "How long. " + _terms(settings),
        "Your rights. You may see, correct, take along or have erased what we keep; object to "
        "profiling, which ends the score and what was chosen by it at once; object to mail; take "
        f"back a consent at any time. Write to {address}. You may also complain to your data "
        "protection authority.",
    )
    return "\n\n".join(paragraphs)


def _listed(tools: list[str]) -> str:
    if not tools:
        return "Nobody: no other tool is connected."
    return f"Data come from or go to: {', '.join(tools)}."


def _terms(settings: Settings) -> str:
    kept: tuple[tuple[str, int], ...] = (
        ("what a trial that came to nothing left", settings.keep_leads_days),
        ("single events", settings.keep_events_days),
        ("past scores", settings.keep_scores_days),
        ("sign-ups as they were sent", settings.keep_payloads_days),
        ("calls between our systems, with masked contact data", settings.keep_calls_days),
    )
    if settings.usage_report:
        kept += (("reports to your company as they were mailed", settings.keep_reports_days),)
    said = "; ".join(
        f"{what}: {f'{days:,} days' if days else 'without end'}" for what, days in kept
    )
    return (
        f"{said}. Orders and the books are kept as the law asks, under a pseudonym once you had "
        "your data erased."
    )
