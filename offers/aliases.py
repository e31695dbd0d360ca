"""One person behind several mail addresses: tags after `+`, and dots where they mean nothing."""

from __future__ import annotations

DOTLESS = frozenset({"gmail.com", "googlemail.com"})
"""Providers that deliver with or without the dots of the local part."""

SAME = {"googlemail.com": "gmail.com"}


def plain_mailbox(email: str) -> str:
    """The address without tag, case and meaningless dots: equal for aliases of one mailbox."""
    local, _, domain = email.strip().casefold().rpartition("@")
    local = local.split("+", 1)[0]
    if domain in DOTLESS:
        local = local.replace(".", "")
    return f"{local}@{SAME.get(domain, domain)}"


def is_alias(email: str) -> bool:
    """Whether an address is written as an alias of a plainer one."""
    return plain_mailbox(email) != email.strip().casefold()
