"""How the console says times, money and states."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.numbers import format_currency
from markupsafe import Markup

from offers.money import minor_digits
from service.domain.call_backs import place_of as place_of
from service.domain.spoken_language import Language
from service.use_cases.views.conceded import Conceded

_TWO_FIGURES, _JUST_NOW = 100, 60
DISPOSITIONS = {
    "reached": "Reached: rests a week",
    "no_answer": "No answer: back tomorrow",
    "meeting_booked": "Meeting booked: rests two weeks",
    "offer_wanted": "Wants an offer: rests a week",
    "not_now": "Not now: in a month",
    "bad_fit": "Bad fit: rests 90 days",
    "wrong_contact": "Wrong contact: rests a month",
    "lost": "Lost",
    "won": "Won",
    "call_back": "Call back at a time: logs the call",
}
TOUCHES = {"call": "Call", "email": "Mail", "meeting": "Meeting", "chat": "Chat"}
SAID = {
    "claimed": "It's yours for {minutes} minutes{colleagues}.",
    "empty": "No leads waiting for you, and none unassigned.",
    "done": "Done. Here is the next one.",
    "done_last": "Done. That was the last one.",
    "offer_wanted": "Noted: an offer is wanted. What you can offer stands below; the lead rests"
    " until {back}, or until they answer.",
    "called_back": "Call logged. {promised}",
    "released": "Given back.",
    "snoozed": "Back {back}.",
    "undone": "Taken back: the lead is yours again for {minutes} minutes.",
    "touch_undone": "Taken back: the contact is not noted any more.",
    "offer_undone": "The offer is taken back; nothing of it had left.",
    "extended": "It's yours for {minutes} more minutes.",
    "touched": "{kind} noted; it stands first under Conversations.",
    "issued": "The offer is made: below stands what the customer gets, and whether a mail goes out"
    " or you hand it over.",
    "awaiting": "Waiting for approval.",
    "no_offer": "No offer available yet; see why below.",
    "approved": "Approved: the offer is out.",
    "approved_by_hand": "Approved. No mail goes out: who asked for it must hand it over now.",
    "task_done": "Done.",
    "withdrawn": "Offer withdrawn.",
    "accepted": "Accepted.",
    "kept": "Draft saved; another person publishes it.",
    "proved": "All cases checked; see the results below.",
    "published": "Published: live from now on.",
    "paused": "Mail is paused; what waits stands first under Outbox.",
    "resumed": "Mail leaves again: each when it is due, as Outbox says.",
    "lifted": "Mail goes to that address again.",
    "not_suppressed": "Nothing kept mail from that address; check how it is written.",
    "saved": "Saved.",
    "rep_saved": "Saved.",
    "resent": "The event is sent again within seconds.",
    "key_made": "The key is made; its secret was shown once.",
    "key_rotated": "The key has a new secret, which was shown once.",
    "person_made": "The log-in is made; its password was shown once.",
    "password_made": "The new password was shown once.",
    "person_ended": "The log-in is ended, and its sessions.",
    "key_revoked": "The key is revoked, and its sessions are ended.",
    "retried": "What was given up is tried again within seconds.",
    "tested": "A test is on its way; how it went stands below.",
    "session_ended": "Signed out there.",
}
"""What a page says after a form, by the word in its address; `{minutes}` a lead is held for, with
`{colleagues}` of its company."""


def with_colleagues(count: int) -> str:
    """`, with 2 colleagues`: who of a company is held by the same claim, if anybody is."""
    return f", with {count} colleague{'' if count == 1 else 's'}" if count else ""


def who_else(names: Sequence[str]) -> str:
    """`Maya Ito and 2 more colleagues`: the first by name, and how many more there are."""
    first, more = names[0], len(names) - 1
    return f"{first} and {more} more colleague{'' if more == 1 else 's'}" if more else first


def money(minor: int | None, currency: str | None, *, whole: bool = False) -> str:
    """`$1,240.00`, in the way of the currency; `whole` is to two figures: `$1,200`."""
    if minor is None or not currency:
        return "–"
    amount = Decimal(minor).scaleb(-minor_digits(currency))
    if not whole:
        return format_currency(amount, currency, locale="en")
    rounded = Decimal(f"{amount:.1e}") if abs(amount) >= _TWO_FIGURES else round(amount)
    return format_currency(rounded, currency, format="¤#,##0", locale="en", currency_digits=False)


def conceded_said(parts: Conceded | None) -> str:
    """How the conceded money of the team's page and the settled of the ledger hang together."""
    if parts is None:
        return (
            "Conceded is what the ledger has settled, and what open offers may still cost at most."
        )
    settled, still_open = (
        money(minor, parts.currency) for minor in (parts.settled_minor, parts.open_minor)
    )
    both = money(parts.settled_minor + parts.open_minor, parts.currency)
    return (
        f"Conceded, {both} in all, is the {settled} that the ledger has settled and "
        f"{still_open} that open offers may still cost at most."
    )


def when(at: datetime | str | None) -> str:
    """`3 Nov 2026, 14:05`, UTC."""
    if at is None:
        return "–"
    told = datetime.fromisoformat(at) if isinstance(at, str) else at
    return told.astimezone(UTC).strftime("%-d %b %Y, %H:%M")


def shown_time(at: datetime | str | None) -> str:
    """The same as a `time` element, which the page's script puts into the reader's zone."""
    if at is None:
        return when(None)
    told = datetime.fromisoformat(at) if isinstance(at, str) else at
    moment = told.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")
    return Markup('<time data-at datetime="{}">{}</time>').format(moment, when(told))


def local_time(now: datetime, zone: str) -> str:
    """`Tue 09:05 in Sao Paulo`."""
    return f"{now.astimezone(ZoneInfo(zone)):%a %H:%M} in {place_of(zone)}"


def country_name(code: str) -> str:
    """`Brazil` for `BR`."""
    return str(Locale("en").territories.get(code, code))


def language_name(code: str) -> str:
    """`Portuguese` for `pt`."""
    return str(Locale("en").languages.get(code, code))


def language_said(spoken: Language | None) -> str | None:
    """`Portuguese, by their locale pt-BR`, `Polish, as heard on a call`."""
    if spoken is None:
        return None
    how = "as heard on a call" if spoken.locale is None else f"by their locale {spoken.locale}"
    return f"{language_name(spoken.code)}, {how}"


def in_zone(at: datetime, zone: str) -> str:
    """`30 Nov 2026, 23:59 in Sao Paulo`; where the zone is UTC, without a place."""
    if zone == "UTC":
        return when(at)
    return f"{at.astimezone(ZoneInfo(zone)):%-d %b %Y, %H:%M} in {place_of(zone)}"


def whole(text: str, *, digits: int = 9) -> int | None:
    """A whole number as somebody typed it, of at most so many digits."""
    return int(text) if text.isdecimal() and len(text) <= digits else None


def ago(at: datetime, now: datetime) -> str:
    """`just now`, `21 min ago`, `3 days ago`."""
    seconds = (now - at).total_seconds()
    return "just now" if seconds < _JUST_NOW else f"{span(seconds)} ago"


def span(seconds: float) -> str:
    """`4 min`, `3 h 20 min`, `2 days`."""
    minutes = int(abs(seconds) // 60)
    if minutes < 90:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes // (24 * 60)} days"


_UNREACHED = {
    "below_cut_off": "below today's cut-off",
    "no_eligible_rep": "no matching rep",
    "in_conversation": "somebody is in touch",
    "resting": "paused until a date",
    "converted": "customer",
    "unclaimed": "missed by every rep",
    "shadow": "shadow mode",
    "do_not_call": "asked for no calls",
    "no_ground_to_call": "no ground to call",
    "objects_to_profiling": "asked not to be scored",
    "has_left": "left the company",
    "past_trial": "trial was over already",
}


def unreached_said(reason: str) -> str:
    """Why a lead is in no queue, in three words."""
    return _UNREACHED.get(reason, plain(reason))


def plain(value: Any) -> str:
    """A code in words: `awaiting_approval` → `awaiting approval`.

    Who opened a link may be a person or a program that imitates one.
    """
    if value == "viewed":
        return "opened"
    return str(value).replace("_", " ")
