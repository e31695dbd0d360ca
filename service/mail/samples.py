"""An example of each mail, for `giveget mail preview` and the tests, at the shipped prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from offers.policy import default_policy
from offers.quote import quote
from offers.rules import Policy
from offers.terms import Terms, read_give
from offers.terms.windows import end_of_day
from service.domain.lead_record import to_text
from service.domain.report_kinds import read_report_kinds
from service.mail.acceptance import acceptance_words
from service.mail.brand import Brand
from service.mail.context import hand_of, mail_context
from service.mail.locales import Locale, locale_of
from service.mail.mime import Message, build_message, message_id_of
from service.mail.render import (
    Context,
    Letter,
    asks_for_consent,
    confirms_acceptance,
    is_a_report,
    is_about_an_offer,
    render,
    words_of,
)
from service.store.offers.offers import StoredOffer
from service.store.queue.reps import Rep

_Term = Mapping[str, Any]  # as the policy file writes them
_YEAR = {"seats": 100, "term_months": 12}
_DUE = {"by": "month_end", "min_days": 7}
_TRADES: Mapping[str, tuple[_Term, _Term]] = {
    "currency-fell": (
        {"currency_lock": {"day": "trial_start", "max_percent": 20}},
        {"talk_to_rep": True, "term_months": 12},
    ),
    "defer-payment": ({"payment_days": 60}, {"seats": 10, "term_months": 12}),
    "extra-months": ({"extra_months": 3}, _YEAR | {"pay_by": _DUE}),
    "extra-seats": (
        {"extra_seats": 2},
        {"seats": 20, "term_months": 12, "self_serve_purchase": True},
    ),
    "longer-trial": ({"trial_days": 14}, {"departments": 3, "invite_teammates": 5}),
    "offer-reminder": ({"extra_months": 3}, _YEAR | {"pay_by": _DUE}),
    "partner-campaign": (
        {"percent_off": 20},
        {"campaign_code": "SITE20", "term_months": 12, "pay_within_days": 30},
    ),
    "partner-site": (
        {"bundle": {"partner": "Sitebuilder", "percent": 15}},
        {"seats": 20, "term_months": 12, "partner_purchase": "Sitebuilder"},
    ),
    "pay-the-year": (
        {"extra_months": 2},
        {"seats": 5, "term_months": 12, "prepay": True, "pay_by": _DUE},
    ),
    "referral-month": (
        {"extra_months": 1},
        {"referral": {"count": 1, "within_days": 60}, "term_months": 12},
    ),
    "win-back": ({"trial_days": 7}, {"feedback_call": True}),
}
_PLACES = {
    "en": ("USD", "America/New_York"),
    "de": ("EUR", "Europe/Berlin"),
    "fr": ("EUR", "Europe/Paris"),
    "es": ("EUR", "Europe/Madrid"),
    "pt": ("USD", "America/Sao_Paulo"),
}
_REP = Rep(
    id="ines",
    name="Inês Duarte",
    email=None,
    languages=(),
    countries=(),
    segments=(),
    capacity=20,
    available=True,
)
NUMBER = 128
_ADMIN = "Ana Lima"
_NOVEMBER = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
_USUAL = "extra-months"
"""Whose trade an example of one's own mail shows, unless its words say `like = "…"`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One mail in one tongue, with everything it was made from."""

    terms: Terms | None
    tongue: Locale
    context: Context
    letter: Letter
    message: Message


def sample(
    email: str,
    locale: str,
    *,
    mail_from: str = "Giveget <hello@giveget.example>",
    postal_address: str = "Giveget, 1 Example Street, 00000 Example",
    public_url: str = "https://giveget.example",
    first_name: str = "Béatrice",
    company: str = "Müller & Söhne",
    recipient: str = "beatrice@large.example",
    at: datetime = _NOVEMBER,
    brand: Brand | None = None,
    folder: Path | None = None,
) -> Sample:
    """The mail as a person of that locale would get it."""
    tongue = locale_of(locale)
    terms = _terms(email, tongue, folder) if is_about_an_offer(email, folder) else None
    is_report = is_a_report(email)
    hand = hand_of(mail_from, None if terms or is_report else _named(mail_from), tongue)
    unsubscribe_url = f"{public_url}/u/a-signed-token"
    asks = tongue.say("page.agree_offers", team="Giveget") if asks_for_consent(email) else None
    path = "y" if asks else "r" if is_report else "o"
    record = {
        "fields": {"first_name": first_name, "company": company, "email": recipient},
        "consent": {"ground": "consent"},
    }
    context = mail_context(
        tongue=tongue,
        terms=terms,
        number=NUMBER if terms else None,
        record=record,
        offer_url=f"{public_url}/{path}/a-signed-token",
        unsubscribe_url=unsubscribe_url,
        signature=hand.signature,
        postal_address=postal_address,
        asks=asks,
        brand=brand,
        because=_because(email, tongue),
    )
    if is_report:
        context = {**context, **_report(tongue)}
    if terms is not None and confirms_acceptance(email):
        words = acceptance_words(
            _accepted(terms, at), tongue, at, seller=brand or Brand(), is_ordered_there=True
        )
        context = {**context, **words}
    letter = render(email, context, tongue, brand, folder)
    message = build_message(
        letter,
        sender_name=hand.name,
        sender_address=hand.address,
        reply_to=hand.reply_to,
        recipient=recipient,
        unsubscribe_url=unsubscribe_url,
        message_id=message_id_of(f"mail_{email}_{at:%Y%m%d%H%M%S%f}", hand.address),
        at=at,
    )
    return Sample(terms=terms, tongue=tongue, context=context, letter=letter, message=message)


def _because(email: str, tongue: Locale) -> str | None:
    """Why a mail comes that needs no ground of its reader."""
    if is_a_report(email):
        return tongue.say("because.report", who=_ADMIN)
    return tongue.say("because.accepted") if confirms_acceptance(email) else None


def _accepted(terms: Terms, at: datetime) -> StoredOffer:
    """An offer of these terms that was just accepted."""
    return StoredOffer(
        id="offer_sample",
        number=NUMBER,
        code=None,
        lead="lead_sample",
        account="account_sample",
        rule=terms.rule,
        policy_id=terms.policy_id,
        policy_version=terms.policy_version,
        terms=to_text(terms.to_json()),
        state="accepted",
        by="giveget",
        approved_by=None,
        invoice=None,
        reserve_minor=0,
        settled_minor=None,
        issued_at=at,
        ends_at=terms.ends_at,
        changed_at=at,
    )


def _report(tongue: Locale) -> Context:
    """The words of a report, and of the note that none comes."""
    october, september = tongue.month(date(2026, 10, 1)), tongue.month(date(2026, 9, 1))
    kinds = read_report_kinds()
    counted = (
        ("sign_in", 214, "+31"),
        ("invite", 9, "–"),
        ("export", 58, "−4"),
        ("rest", 1240, "+96"),
    )
    lines = [
        (kinds.caption(kind, tongue.name), tongue.number(n), more) for kind, n, more in counted
    ]
    day = tongue.day(datetime(2026, 9, 7, 9, 0, tzinfo=UTC), "Europe/Berlin")
    return {
        "period": october,
        "people": tongue.say("report.people", n=12),
        "lines": ((tongue.say("report.active"), "12", "+2"), *lines),
        "remarks": tongue.say("report.compared", period=september),
        "ordered": tongue.say("report.ordered", who=_ADMIN, day=day),
        "note": tongue.say("report.note_few", period=october),
    }


def _named(mail_from: str) -> Rep:
    domain = parseaddr(mail_from)[1].partition("@")[2]
    return replace(_REP, email=f"ines@{domain}")


def _terms(email: str, tongue: Locale, folder: Path | None) -> Terms:
    like = str(words_of(email, folder).get("like", _USUAL))
    gives, gets = _TRADES.get(email) or _TRADES.get(like) or _TRADES[_USUAL]
    currency, zone = _PLACES[tongue.locale.language]
    policy: Policy = default_policy()
    book = policy.price_book("business", currency)
    assert book is not None  # the shipped policy has them
    priced = quote(
        book,
        seats=gets.get("seats", 40),
        term_months=gets.get("term_months", 1),
        gives=[read_give(kind, value) for kind, value in gives.items()],
        costs=policy.costs,
    )
    return Terms(
        policy_id=policy.id,
        policy_version=policy.version,
        rule=email,
        why="",
        email=email,
        gives=gives,
        gets=gets,
        quote=priced,
        reserve_minor=0,
        reserve_currency=policy.currency,
        ends_at=end_of_day(date(2026, 11, 30), zone),
        timezone=zone,
        sentence="",
    )
