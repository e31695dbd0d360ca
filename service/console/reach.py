"""Whether a lead may be called and written to by hand, and what stands in a button's place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from offers.terms.windows import likely_zone
from service.console.page_context import PageContext
from service.domain.call_backs import on_both_clocks
from service.domain.lead import StoredLead
from service.domain.lead_record import lawful_basis_of
from service.store.leads import leads
from service.store.ops import outbox
from service.use_cases.leads.screened import barred_from, their_day_opens

_NO_CALL = {
    "do_not_call": "Do not call: they asked not to be called.",
    "wrong_number": "Do not call: the number is somebody else's.",
    "no_ground": "Do not call: no ground is known on which they may be called.",
}
_NO_MAIL = {
    "complained": "Do not mail: they reported a mail of ours as spam.",
    "unsubscribed": "Do not mail: they asked for no mail.",
    "do_not_email": "Do not mail: they asked for no mail.",
    "no_ground": "Do not mail: no ground is known on which they may be written to.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """A lead's number and address, each with why it is no button; None where it is one."""

    phone: str | None
    no_call: str | None
    call_from: str | None
    """When their day begins, on their clock and in UTC, where that is all that bars a call."""
    email: str | None
    no_mail: str | None

    @property
    def may_be_called(self) -> bool:
        """Whether a call may be made, today or once their day begins."""
        return self.phone is not None and self.no_call is None

    @property
    def worth(self) -> str:
        """What of a rep's a lead is worth: a call, else a mail, else time to find a way."""
        if self.may_be_called:
            return "a call"
        return "a mail" if self.email is not None and self.no_mail is None else "your time"


def reach_of(look: PageContext, stored: StoredLead) -> Reach:
    """How a lead may be reached now."""
    phone, email = stored.fields.get("phone"), stored.fields.get("email")
    no_call, opens_at = _no_call(look, stored, phone), None
    if no_call is None and phone:
        opens_at = their_day_opens(look.runtime, stored.record, stored.contact.country, look.now)
    return Reach(
        phone=phone,
        no_call=no_call,
        call_from=None if opens_at is None else _on_their_clock(look, stored, opens_at),
        email=email,
        no_mail=_no_mail(look, stored, email),
    )


def _on_their_clock(look: PageContext, stored: StoredLead, at: datetime) -> str:
    told, policy_zone = stored.fields.get("timezone"), look.runtime.policy.timezone
    zone = likely_zone(told, stored.contact.country, policy_zone)
    return on_both_clocks(at, zone, "UTC")


def _no_call(look: PageContext, stored: StoredLead, phone: str | None) -> str | None:
    if phone and stored.contact.phone_kind == "invalid":
        return f"{phone} is no number that can be called."
    barred = barred_from(look.runtime, stored.record, stored.contact.country)
    return None if barred is None else _NO_CALL.get(barred)


def _no_mail(look: PageContext, stored: StoredLead, email: str | None) -> str | None:
    if email and stored.contact.mailbox == "invalid":
        return f"{email} is no mail address."
    keys = stored.mailbox_keys
    suppressed = outbox.suppressed(look.connection, keys)
    if leads.opted_out(look.connection, keys) or stored.fields.get("do_not_email") is True:
        suppressed = "do_not_email"
    if suppressed is not None:
        return _NO_MAIL.get(suppressed, "Do not mail: mail to this address came back.")
    grounds, ground = look.runtime.grounds, lawful_basis_of(stored.record)
    return None if grounds.accepts(ground, stored.contact.country) else _NO_MAIL["no_ground"]
