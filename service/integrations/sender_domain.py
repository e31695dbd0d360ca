"""What receivers look up before they take our mail: SPF, DKIM and DMARC of the sending domain.

SPF is RFC 7208, DKIM keys are RFC 6376 (section 3.6), DMARC is RFC 7489. Only what one look at each
record tells is said; `checkdmarc`, which follows every include and asks each mail server, brings
ten packages for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import dns.exception
import dns.name
import dns.resolver

from scoring.contact.mailbox import read_mailbox
from service.integrations.mail_domains import ask_at, servers_of

Look = Callable[[str], Sequence[str]]
"""The TXT records of a name; none where there are none. Raises DNSException."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """What a receiver misses or dislikes, and the record that mends it."""

    code: str
    level: Literal["error", "warning", "note"]
    says: str
    mend: str


def lacks(domain: str, *, selector: str | None, servers: Sequence[str] = ()) -> list[Lack]:
    """What is wrong with the records of the domain that mail is sent from.

    `selector` is the DKIM selector that the mail server signs with, `servers` are DNS servers as
    `address` or `address:port`. Raises ConfigurationError for one that is no address.
    """
    resolver = dns.resolver.Resolver(configure=not servers)
    ask_at(resolver, servers_of(servers))

    def look(name: str) -> list[str]:
        asked = dns.name.from_text(name, idna_codec=dns.name.IDNA_2008_Practical)
        try:
            answer = resolver.resolve(asked, "TXT", raise_on_no_answer=False)
        except dns.resolver.NXDOMAIN:
            return []
        return [b"".join(each.strings).decode("ascii", "replace") for each in answer.rrset or ()]

    try:
        found = [_spf(look, domain), _dkim(look, domain, selector), _dmarc(look, domain)]
    except (dns.exception.DNSException, OSError, UnicodeError):
        says = f"DNS does not answer for {domain}: its SPF, DKIM and DMARC are unknown"
        return [Lack(code="sender_unknown", level="note", says=says, mend="giveget doctor")]
    return [lack for lack in found if lack is not None]


def _spf(look: Look, domain: str) -> Lack | None:
    records = [text for text in look(domain) if text.lower().split(" ")[0] == "v=spf1"]
    mend = f'{domain}. TXT "v=spf1 include:YOUR-MAIL-PROVIDER -all"'
    if not records:
        says = f"{domain} has no SPF record: many receivers will not trust its mail"
        return Lack(code="no_spf", level="warning", says=says, mend=mend)
    if len(records) > 1:
        says = f"{domain} has {len(records)} SPF records; receivers then take none of them"
        return Lack(code="several_spf", level="error", says=says, mend=f"one record: {mend}")
    if {"all", "+all"} & set(records[0].lower().split()):
        says = f"the SPF record of {domain} ends in +all: anybody may send in its name"
        return Lack(code="open_spf", level="warning", says=says, mend=mend)
    return None


def _dkim(look: Look, domain: str, selector: str | None) -> Lack | None:
    if selector is None:
        return Lack(
            code="dkim_not_looked_up",
            level="note",
            says=f"whether mail of {domain} is signed by DKIM is not known: no selector is set",
            mend="export GIVEGET_MAIL_DKIM_SELECTOR='…'",
        )
    name = f"{selector}._domainkey.{domain}"
    keys = [_tags(text) for text in look(name)]
    if any(tags.get("p") for tags in keys):
        return None
    state = "withdrawn" if any("p" in tags for tags in keys) else "missing"
    return Lack(
        code="no_dkim",
        level="error",
        says=f"the DKIM key {name} is {state}: what the mail server signs cannot be verified",
        mend=f"{name}. TXT or CNAME, as your mail provider shows it",
    )


def _dmarc(look: Look, domain: str) -> Lack | None:
    """The domain's own policy, else the one of the organisation above it."""
    names = dict.fromkeys((domain, read_mailbox(f"postmaster@{domain}").domain or domain))
    for name in names:
        records = [text for text in look(f"_dmarc.{name}") if _tags(text).get("v") == "DMARC1"]
        if len(records) == 1:
            return None
        if records:
            says = f"{name} has {len(records)} DMARC records; receivers then take none of them"
            mend = f"one TXT record at _dmarc.{name}"
            return Lack(code="several_dmarc", level="error", says=says, mend=mend)
    return Lack(
        code="no_dmarc",
        level="warning",
        says=f"{domain} has no DMARC record; Gmail and Yahoo ask senders of many mails for one",
        mend=f'_dmarc.{name}. TXT "v=DMARC1; p=none; rua=mailto:postmaster@{name}"',
    )


def _tags(text: str) -> dict[str, str]:
    """`v=DMARC1; p=none` by its tags."""
    pairs = (part.partition("=") for part in text.split(";") if "=" in part)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
