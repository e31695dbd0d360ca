"""Connections: each tool's state, the last call to it and the last one that failed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from service.console.page_context import PageContext
from service.console.table import Column, Table
from service.integrations.hubspot_batches import GONE
from service.settings import Settings
from service.store.ops import http_calls, jobs, switches
from service.store.ops.jobs import TEST
from service.use_cases.access.connection_test import TESTED

_PRIVATE_ADDRESS = "private_address"
_PRIVATE = (
    "the address is in a private network; to allow that, start with "
    "GIVEGET_WEBHOOK_ALLOW_PRIVATE=true"
)
_WRITTEN_WITHIN = timedelta(minutes=1)
_FAULT = 500
_MEANS = {
    401: "the other system did not take our signature or key; compare the secrets",
    403: "the other system knows us and lets us do nothing; check what our key may do",
    404: "nothing is at this address; check its path",
    410: "the other system said that the address is gone for good",
    429: "the other system wants fewer calls",
}
_COLUMNS = (
    Column("name", "Tool", "name"),
    Column("state", "State", "state"),
    Column("direction", "Calls"),
    Column("last_at", "Last call", "time", link="/calls/{last}"),
    Column("failed_at", "Last failure", "time", link="/calls/{failed}"),
    Column("error", "Why it failed"),
    Column("given_up", "Given up", "number"),
    Column("waiting", "Waiting", "number"),
    Column("waits_since", "Since", "time"),
    Column("next_at", "Next try", "time"),
    Column("setting", "Set up by", "long"),
)


def page(look: PageContext) -> dict[str, Any]:
    """What the page of connections shows."""
    shown = table(look)
    return {"connections": shown, "tests": tests(look), "given_up": _given_up(shown)}


def _given_up(shown: Table) -> list[dict[str, Any]]:
    """The tools of which something was given up, or whose target is told nothing any more."""
    return [
        {"tool": row["tool"], "name": row["name"], "count": row["given_up"] or 0}
        for row in shown.rows
        if row["given_up"] or row["state"] == "stopped"
    ]


def tests(look: PageContext) -> list[dict[str, Any]]:
    """Each tool that we call and that is set up, with how its last test went."""
    names = {tool: name for name, tool, *_ in _tools(look.runtime.settings)}
    return [
        {"tool": tool, "name": names[tool], **_tested(look, tool)}
        for tool in TESTED
        if getattr(look.runtime.tools, tool) is not None
    ]


def _tested(look: PageContext, tool: str) -> dict[str, Any]:
    """How the last test of a tool went, in words."""
    asked = jobs.find(look.connection, f"{tool}:{TEST}:{TEST}")
    if asked is None:
        return {"waits": False, "says": "Not tested yet.", "call": None, "at": None}
    if asked.state in ("due", "sending"):
        return {"waits": True, "says": "On its way.", "call": None, "at": asked.asked_at}
    call = http_calls.last_for(look.connection, asked.id)
    if call is None or call["at"] < asked.asked_at:  # calls are written down a moment later
        is_new = look.now - asked.asked_at < _WRITTEN_WITHIN
        says = "On its way." if is_new else "No call was made; the worker's log says why."
        return {"waits": is_new, "says": says, "call": None, "at": asked.asked_at}
    says = in_words(call["status"], call["code"], call["took_ms"])
    if tool == "webhook" and _is_stopped(look):
        says += " But no event is sent: the target said before that it is gone (410)."
    return {"waits": False, "says": says, "call": call["id"], "at": call["at"]}


def in_words(status: int, code: str, took_ms: int) -> str:
    """What an answer means for who set the connection up."""
    answered = f"Answered {status} in {took_ms:,} ms"
    if 200 <= status < 300:
        return f"{answered}: the connection works."
    if status in _MEANS:
        return f"{answered}: {_MEANS[status]}."
    if status >= _FAULT:
        return f"{answered}: the other system has a fault; its log says more."
    if status:
        return f"{answered}, where 200 to 299 was expected."
    if code == _PRIVATE_ADDRESS:
        return f"Not called: {_PRIVATE}."
    if code == "timeout":
        return f"No answer in {took_ms / 1000:.0f} s."
    return "Nobody could be reached at the address: check its host, port and certificate."


def table(look: PageContext) -> Table:
    """Each tool in and out."""
    waiting = jobs.backlog(look.connection)
    given_up = jobs.given_up(look.connection, but_for=GONE)
    return Table(
        name="connections",
        title="Connections",
        columns=_COLUMNS,
        rows=[
            _row(look, waiting, *each) | {"given_up": given_up.get(each[1])}
            for each in _tools(look.runtime.settings)
        ],
        empty="",
        note="Waiting: what a tool was not told yet, or not asked for. Given up: what it refused, "
        "or did not take however often it was tried. Calls are kept for some "
        "days; a tool that only sends to us shows its refused calls on the page of calls.",
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
            "Salesforce",
            "salesforce",
            of.has_salesforce,
            "we call",
            "GIVEGET_SALESFORCE_URL, GIVEGET_SALESFORCE_CLIENT_ID, "
            "GIVEGET_SALESFORCE_CLIENT_SECRET",
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


def _is_stopped(look: PageContext) -> bool:
    """Whether the webhook's target said that it is gone, and is the same still."""
    gone = switches.find(look.connection, switches.WEBHOOK_GONE)
    webhook = look.runtime.tools.webhook
    return gone is not None and gone.is_on and gone.reason == getattr(webhook, "fingerprint", None)


def _state(last: dict[str, Any] | None, is_failing: bool) -> str:
    """Of a tool that is set up, by the last call to it."""
    if is_failing:
        return "failing"
    return "set up" if last is None else "works"


def _fault(failed: dict[str, Any]) -> str:
    """Why a call failed, where its code alone does not say what to do."""
    if failed["code"] == _PRIVATE_ADDRESS:
        return _PRIVATE
    return str(failed["code"] or f"status {failed['status']}")


def _row(
    look: PageContext,
    waiting: Mapping[str, jobs.Backlog],
    name: str,
    tool: str,
    is_set: bool,
    direction: str,
    setting: str,
) -> dict[str, Any]:
    last = http_calls.last_out(look.connection, tool, failed=False)
    failed = http_calls.last_out(look.connection, tool, failed=True)
    waits = waiting.get(tool)
    is_failing = last is not None and failed is not None and last["id"] == failed["id"]
    state = "not set up" if not is_set else _state(last, is_failing)
    return {
        "name": name,
        "tool": tool,
        "state": "stopped" if tool == "webhook" and _is_stopped(look) else state,
        "direction": direction,
        "last": last and last["id"],
        "last_at": last and last["at"],
        "failed": failed and failed["id"],
        "failed_at": failed and failed["at"],
        "error": failed and _fault(failed),
        "waiting": waits and waits.count,
        "waits_since": waits and waits.since,
        "next_at": waits and waits.next_at,
        "setting": setting,
    }
