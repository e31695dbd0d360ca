"""Pages of long lists; `next_cursor` is null on the last one."""

from __future__ import annotations

from typing import Any

from service.schemas.fields import Answer


class Listed(Answer):
    """What every page has."""

    next_cursor: str | None
    """Ask with it for the page that follows."""


class LeadsPage(Listed):
    """Leads, those that changed longest ago first."""

    leads: list[dict[str, Any]]


class AccountsPage(Listed):
    """Accounts, by id."""

    accounts: list[dict[str, Any]]


class EventsPage(Listed):
    """Events, by id."""

    events: list[dict[str, Any]]


class RepsPage(Listed):
    """Reps, by id."""

    reps: list[dict[str, Any]]


class KeysPage(Listed):
    """Keys, by id, without their secrets."""

    keys: list[dict[str, Any]]


class DeliveriesPage(Listed):
    """What was to be told to or fetched from tools, by id."""

    deliveries: list[dict[str, Any]]
