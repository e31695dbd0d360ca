"""A connector in a package of its own that is only told: a card in Microsoft Teams for hot leads.

Shape: learn.microsoft.com, "Create and send messages" (microsoftteams/platform/
webhooks-and-connectors/how-to/connectors-using): a POST of `{"type": "message", "attachments":
[{"contentType": "application/vnd.microsoft.card.adaptive", "content": …}]}` to the workflow's
address; the card is of the Adaptive Cards schema.
"""

from __future__ import annotations

from collections.abc import Sequence

from service.domain.lead_now import LeadNow
from service.integrations.contract import Message, Outcome, Setup, Telling
from service.integrations.http import Api

_CARD = "application/vnd.microsoft.card.adaptive"


class Teams:
    """A channel of a team; it hears of each hot lead once, and no word of the person."""

    at_a_time = 1

    def __init__(self, setup: Setup) -> None:
        url = setup.own.get("url")
        self.is_told = url is not None
        self._api = None if url is None else Api(url, {}, calls_per_second=4)  # as Teams allows

    def to_tell(self, lead: LeadNow) -> Sequence[Message]:
        """That a hot lead waits: first among its rep's, and nobody has it yet."""
        place = lead.place
        if place is None or place.state != "waiting" or place.rank != 1:
            return ()
        body = {"grade": lead.grade or "without a grade", "link": lead.link}
        return [Message(what="waits", subject=lead.id, body=body, is_once=True)]

    async def tell(self, due: Sequence[Telling]) -> Sequence[Outcome]:
        """Post the card."""
        assert self._api is not None
        for one in due:
            await self._api.call("POST", "", json=_card(**one.message.body))
        return [None] * len(due)


def _card(grade: str, link: str) -> dict[str, object]:
    text = {"type": "TextBlock", "text": f"A lead ({grade}) waits for a call", "wrap": True}
    opens = {"type": "Action.OpenUrl", "title": "Open it", "url": link}
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [text],
        "actions": [opens],
    }
    return {"type": "message", "attachments": [{"contentType": _CARD, "content": card}]}


def connect(setup: Setup) -> Teams:
    """What the entry point names."""
    return Teams(setup)
