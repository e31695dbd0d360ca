"""Who acts, as the audit names them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A key's or a rep's id, or a part of the service, and its role."""

    who: str
    role: str


SERVICE = Actor(who="service", role="service")
"""The service itself, doing what nobody asked for."""
WORKER = Actor(who="worker", role="worker")
OPERATOR = Actor(who="command line", role="operator")
"""Whoever runs `giveget` on the machine."""
