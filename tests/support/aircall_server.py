"""A small server that speaks Aircall's API: `GET /v1/calls/:id`, with Basic authentication.

Shapes: developer.aircall.io/api-references, "Call" and "Retrieve a Call"; a webhook's body has the
same call as its `data` ("Webhooks", "Call events").
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.support.tool_servers import Answer, Tool

API_KEY = "api-id:api-token"
BASIC = "Basic YXBpLWlkOmFwaS10b2tlbg=="


class AircallTool(Tool):
    """One company's calls."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, dict[str, Any]] = {}

    def put(
        self,
        id: int,
        at: datetime,
        *,
        answered: bool = True,
        tags: tuple[str, ...] = (),
        **more: Any,
    ) -> dict[str, Any]:
        """A call as it stands from now on; it is answered 200, or not at all."""
        began = int(at.timestamp())
        call = {
            "id": id,
            "direct_link": f"https://api.aircall.io/v1/calls/{id}",
            "direction": "outbound",
            "status": "done",
            "missed_call_reason": None,
            "started_at": began,
            "answered_at": began + 8 if answered else None,
            "ended_at": began + 95,
            "duration": 95,
            "voicemail": None,
            "recording": None,
            "asset": None,
            "raw_digits": "+1 201-555-0123",
            "user": {"id": 456, "name": "Ada", "email": "ada@seller.example"},
            "contact": None,
            "archived": False,
            "number": {"id": 1234, "name": "Sales", "digits": "+1 201-555-0100"},
            "cost": "0.0",
            "comments": [],
            "tags": [_tag(index, name, at) for index, name in enumerate(tags)],
            "teams": [],
        } | more
        self.kept[str(id)] = call
        return call

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        if self.shown[-1] != BASIC:
            return 401, {"error": "Unauthorized", "troubleshoot": "Check your API key"}
        call = self.kept.get(path.removeprefix("/v1/calls/"))
        if call is None:
            return 404, {"error": "Not Found", "troubleshoot": "Call not found"}
        return 200, {"call": call}


def _tag(index: int, name: str, at: datetime) -> dict[str, Any]:
    tagged_at = at + timedelta(minutes=2 + index)
    return {
        "id": 800 + index,
        "name": name,
        "color": "#00B388",
        "description": None,
        "created_at": "2026-01-01T00:00:00.000Z",
        "tagged_at": tagged_at.isoformat().replace("+00:00", ".000Z"),
        "tagged_by": {"id": 456, "name": "Ada", "email": "ada@seller.example"},
    }
