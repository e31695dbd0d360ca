"""What a mail may say: plain strings and numbers, from the terms and the record."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr

from offers.terms import Terms
from service.domain.lead import StoredLead
from service.domain.lead_record import Record, lawful_basis_of
from service.domain.plain_text import without_marks
from service.mail.brand import Brand
from service.mail.locales import Locale, locale_of
from service.mail.offer_words import offer_words
from service.mail.render import Context
from service.mail.role_words import say_for
from service.store.queue.reps import Rep


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Who a mail comes from, where answers go, and how it is signed."""

    name: str
    address: str
    reply_to: str | None
    signature: str


def hand_of(mail_from: str, rep: Rep | None, tongue: Locale) -> Hand:
    """The lead's rep, else the team.

    A rep's own address is the sender only within the team's domain, the one that signs (DKIM);
    else the team's address carries the rep's name and answers go to the rep.
    """
    team, address = parseaddr(mail_from)
    team = team or address
    signed = tongue.say("letter.team", team=team)
    if rep is None:
        return Hand(name=team, address=address, reply_to=None, signature=signed)
    own = rep.email or ""
    is_ours = own.rpartition("@")[2].casefold() == address.rpartition("@")[2].casefold()
    return Hand(
        name=rep.name,
        address=own if own and is_ours else address,
        reply_to=own if own and not is_ours else None,
        signature=f"{rep.name}, {team}",
    )


def locale_of_lead(lead: StoredLead) -> Locale:
    """The tongue a person is written to in."""
    return known_locale(lead) or locale_of(None)


def known_locale(lead: StoredLead) -> Locale | None:
    """The tongue a person is known to read; None where they named none."""
    tag = lead.fields.get("locale")
    return locale_of(tag) if tag else None


def mail_context(
    *,
    tongue: Locale,
    terms: Terms | None,
    number: int | None,
    record: Record,
    offer_url: str,
    unsubscribe_url: str,
    signature: str,
    postal_address: str,
    asks: str | None = None,
    brand: Brand | None = None,
    role: str | None = None,
    because: str | None = None,
) -> Context:
    """Every word a mail's template may use; an offer's only where there is one, and what a mail
    asks to agree to only where it does. `role` is the reader's part in the purchase; `because`
    says why they get the mail, where that is no ground of theirs."""
    seller = brand or Brand()
    first_name = _name(record["fields"].get("first_name"))
    company = _company(record["fields"])
    ground = lawful_basis_of(record) if asks is None else "asked"
    because = because or tongue.say(f"because.{ground}")
    greeting = "letter.greeting" if first_name else "letter.greeting_nameless"
    offer: dict[str, str | int] = {}
    if terms is not None and number is not None:
        offer = offer_words(terms, number, tongue, seller)
        offer["for_you"] = say_for(role, terms, terms.quote, tongue)
    return {
        **offer,
        **({} if asks is None else {"wording": asks}),
        "greeting": tongue.say(greeting, name=first_name),
        "first_name": first_name,
        "company": company,
        "team_name": company or tongue.say("letter.your_team"),
        "why": tongue.say("letter.why", because=because),
        "offer_url": offer_url,
        "unsubscribe_url": unsubscribe_url,
        "signature": signature,
        "postal_address": postal_address,
        "brand_name": seller.name,
        "logo_url": seller.logo_url,
        "support_email": seller.support_email,
        "terms_url": seller.terms_url,
        "privacy_url": seller.privacy_url,
    }


def ready_words(words: Context, tongue: Locale) -> str:
    """A short text to hand an offer over with: the trade, prices, its end, how to say yes."""
    colon, say_yes = tongue.say("letter.colon"), tongue.say("letter.yes")
    terms = (
        (tongue.say("letter.price"), words["price"]),
        (tongue.say("letter.per_seat"), words["per_seat"]),
        (words["renewal_label"], words["renewal"]),
        (words["ends_label"], words["ends"]),
    )
    url = words["offer_url"]
    parts = (
        words["greeting"],
        f"{words['trade']}.",
        "\n".join(f"{label}{colon} {said}" for label, said in terms if said),
        f"{say_yes}\n{url}" if url else "",
        words["signature"],
    )
    return "\n\n".join(str(part) for part in parts if part)


_NAME = re.compile(r"[^\W\d_]+(?:[ .'’\u2010-\u2015-]+[^\W\d_]+){0,3}\.?")
_LONGEST_NAME = 40


def _name(text: object) -> str:
    """A first name to greet with; nothing where somebody wrote a sentence, a link or an address.

    What a form is sent would else be our words to whoever's address stands beside it.
    """
    name = unicodedata.normalize("NFC", _one_line(text, 200))
    marked = "".join(c for c in name if unicodedata.category(c) not in ("Mn", "Mc", "Cf"))
    is_name = len(name) <= _LONGEST_NAME and _NAME.fullmatch(marked)
    return name if is_name and not _DOMAIN.search(name) else ""


_DOMAIN = re.compile(r"\bwww\b|[^\W\d_]\.[^\W\d_]{2,}", re.I)


def _company(fields: Mapping[str, object]) -> str:
    """A company to name; nothing where somebody wrote a link, an address, a price or a number to
    call, or a whole sentence. A company may be called by its own domain."""
    name = _one_line(fields.get("company"), 200)
    own = str(fields.get("email") or "").rpartition("@")[2].casefold()
    rest = re.sub(r"\bco\.\s*kg\b", "", name, flags=re.I)
    is_domain = _DOMAIN.search(rest) and (not own or rest.casefold() != own)
    if is_domain or _NO_COMPANY.search(name) or len(name.split()) > _MOST_WORDS:
        return ""
    return name[:_LONGEST_NAME].rstrip()


_NO_COMPANY = re.compile(r"://|@|[$€£¥]\s*\d|\+\s*\d|(?:\d[ ()./-]*){7}")
_MOST_WORDS = 9


def _one_line(text: object, longest: int) -> str:
    """A lead's own text, without line breaks and of a length a sentence can bear."""
    return " ".join(without_marks(str(text)).split())[:longest] if text else ""
