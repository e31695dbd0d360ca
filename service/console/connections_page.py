"""Connections: each tool's state, the last call to it and the last one that failed."""

from __future__ import annotations

from typing import Any

from service.console.page_context import PageContext
from service.console.table import Column, Table
from service.settings import Settings
from service.store.ops import http_calls

_COLUMNS = (
    Column("name", "Tool", "name"),
    Column("state", "State", "state"),
    Column("direction", "Calls"),
    Column("last_at", "Last call", "time", link="/calls/{last}"),
    Column("failed_at", "Last failure", "time", link="/calls/{failed}"),
    Column("error", "Why it failed"),
    Column("setting", "Set up by", "long"),
)


def page(look: PageContext) -> dict[str, Any]:
    """What the page of connections shows."""
    return {"connections": table(look), "has_slack": look.runtime.tools.slack is not None}


def table(look: PageContext) -> Table:
    """Each tool in and out."""
    return Table(
        name="connections",
        title="Connections",
        columns=_COLUMNS,
        rows=[_row(look, *each) for each in _tools(look.runtime.settings)],
        empty="",
        note="Calls are kept for some days; a tool that only sends to us shows its refused calls "
        "on the page of calls.",
    )


def _tools(of: Settings) -> list[tuple[str, str, bool, str, str]]:
    """Name, the tool's word in calls, whether it is set up, who calls whom, the setting."""
    return [
        (
            "Webhook",
            "webhook",
            bool(of.webhook_url and of.webhook_secret),
            "we call",
            "GIVEGET_WEBHOOK_URL, GIVEGET_WEBHOOK_SECRET",
        ),
        ("Slack", "slack", of.slack_url is not None, "we call", "GIVEGET_SLACK_URL"),
        (
            "HubSpot",
            "hubspot",
            of.hubspot_token is not None,
            "both",
            "GIVEGET_HUBSPOT_TOKEN, GIVEGET_HUBSPOT_SECRET",
        ),
        (
            "Stripe",
            "stripe",
            of.stripe_key is not None,
            "both",
            "GIVEGET_STRIPE_KEY, GIVEGET_STRIPE_WEBHOOK_SECRET",
        ),
        (
            "Aircall",
            "aircall",
            of.aircall_api_key is not None,
            "both",
            "GIVEGET_AIRCALL_API_KEY, GIVEGET_AIRCALL_TOKEN",
        ),
        (
            "Segment",
            "segment",
            bool(of.segment_secret or of.segment_server_secret),
            "calls us",
            "GIVEGET_SEGMENT_SECRET",
        ),
    ]


def _row(
    look: PageContext, name: str, tool: str, is_set: bool, direction: str, setting: str
) -> dict[str, Any]:
    last = http_calls.last_out(look.connection, tool, failed=False)
    failed = http_calls.last_out(look.connection, tool, failed=True)
    is_failing = last is not None and failed is not None and last["id"] == failed["id"]
    return {
        "name": name,
        "state": "not set up" if not is_set else "failing" if is_failing else "set up",
        "direction": direction,
        "last": last and last["id"],
        "last_at": last and last["at"],
        "failed": failed and failed["id"],
        "failed_at": failed and failed["at"],
        "error": failed and (failed["code"] or f"status {failed['status']}"),
        "setting": setting,
    }
