"""Aircall's webhooks and calls in our words.

A webhook shows a token in its body and signs nothing, so it is only a reason to ask: the call that
counts is fetched. Shapes: developer.aircall.io/api-references, "Webhooks" and "Call".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.integrations.call_results import CallResults
from service.integrations.http import Api, ToolRefused
from service.integrations.inbound import read_unix, text_of
from service.settings import Settings

EVENTS = frozenset(
    (
        *("call.ended", "call.tagged", "call.untagged", "call.hungup", "call.voicemail_left"),
        *("call.commented", "call.archived"),
    )
)
"""What may change how a call ended; of the others nothing is asked."""


class Aircall:
    """One company's calls, by its API id and token."""

    def __init__(self, settings: Settings) -> None:
        assert settings.aircall_api_key is not None
        id, _, token = settings.aircall_api_key.partition(":")
        self._api = Api(
            settings.aircall_url,
            {},
            calls_per_second=1,  # 60 a minute a company
            timeout_seconds=settings.connect_timeout_seconds,
            auth=(id, token),
        )

    async def look(self) -> None:
        """Ask whether the key is taken; Aircall's own call for that."""
        await self._api.call("GET", "/v1/ping")

    async def call(self, id: str) -> Mapping[str, Any] | None:
        """A call as it stands; None when there is none."""
        try:
            found = await self._api.call("GET", f"/v1/calls/{id}")
        except ToolRefused as error:
            if error.status == 404:
                return None
            raise
        call = found.get("call") if isinstance(found, Mapping) else None
        return call if isinstance(call, Mapping) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """One ended call: whom, when, by whom and how it ended."""

    id: str
    number: str | None
    emails: tuple[str, ...]
    """Of the contact that Aircall knows it by."""
    by: str | None
    """The mail address of our person, None where nobody of ours spoke."""
    at: datetime
    result: str | None
    """None for a talk that no tag says more of."""
    is_answered: bool


def call_named(told: Any) -> str | None:
    """The id of the call that a webhook is about; None where it is about none that ended."""
    if not isinstance(told, Mapping) or told.get("resource") != "call":
        return None
    if text_of(told, "event") not in EVENTS:
        return None
    id = text_of(told, "data", "id")
    return id if id is not None and id.isascii() and id.isdigit() and len(id) <= 20 else None


def read_call(call: Mapping[str, Any], results: CallResults) -> Called | None:
    """A fetched call; None while it lasts."""
    id, ended_at = text_of(call, "id"), read_unix(call.get("ended_at"))
    if id is None or ended_at is None:
        return None
    answered = read_unix(call.get("answered_at")) is not None
    result: str | None = results.of_tags(_tags(call))
    is_missed = not answered and text_of(call, "direction") == "inbound"
    if result is None and is_missed:  # they called, with or without leaving a message
        result = "callback"
    elif result is None and not answered:
        result = "voicemail" if text_of(call, "voicemail") else "no_answer"
    return Called(
        id=id,
        number=text_of(call, "raw_digits"),
        emails=tuple(_emails(call)),
        by=None if is_missed else text_of(call, "user", "email"),
        at=read_unix(call.get("started_at")) or ended_at,
        result=result,
        is_answered=answered,
    )


def _tags(call: Mapping[str, Any]) -> list[str]:
    """The tags' names, in the order in which they were set."""
    tags = call.get("tags")
    listed = [tag for tag in tags if isinstance(tag, Mapping)] if isinstance(tags, list) else []
    listed.sort(key=lambda tag: str(tag.get("tagged_at") or ""))
    return [name for tag in listed if (name := text_of(tag, "name")) is not None]


def _emails(call: Mapping[str, Any]) -> list[str]:
    contact = call.get("contact")
    emails = contact.get("emails") if isinstance(contact, Mapping) else None
    listed = [one for one in emails if isinstance(one, Mapping)] if isinstance(emails, list) else []
    return [value for one in listed if (value := text_of(one, "value")) is not None]
