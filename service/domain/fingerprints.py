"""What a lead leaves behind that a second identity would share: mailbox, payment, domain. Pure.

Only what is unusual is kept: the plain address of an alias, a payment reference, the domain of a
company whose account is named otherwise. So most leads cost no index entry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from offers.aliases import is_alias, plain_mailbox
from scoring.contact import Contact

COMPANY_MAILBOXES = ("corporate", "role", "government")


class Traces(NamedTuple):
    """Keys that name a mailbox, a means of payment and a company without saying which."""

    mailbox_key: str | None
    payment_key: str | None
    domain: str | None


def mailbox_keys(key_of: Callable[[str], str], email: str) -> tuple[str, ...]:
    """The keys of an address: its own, and its mailbox's where it is an alias."""
    plain = (plain_mailbox(email),) if is_alias(email) else ()
    return tuple(key_of(each) for each in (email, *plain))


def traces_of(
    key_of: Callable[[str], str],
    contact: Contact,
    account: str | None,
    *,
    email: str | None,
    attributes: Mapping[str, Any],
    external_ids: Mapping[str, object] | None,
) -> Traces:
    """The traces of a lead; `key_of` blurs an address or a reference."""
    reference = attributes.get("payment_reference") or (external_ids or {}).get("stripe")
    has_alias = email is not None and contact.mailbox != "invalid" and is_alias(email)
    has_domain = contact.mailbox in COMPANY_MAILBOXES and contact.domain != account
    return Traces(
        mailbox_key=key_of(plain_mailbox(email)) if email and has_alias else None,
        payment_key=None if not reference else key_of(f"payment:{reference}"),
        domain=contact.domain if has_domain else None,
    )
