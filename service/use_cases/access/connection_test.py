"""A person asks for a test of a connection; the worker makes it, once."""

from __future__ import annotations

from service.domain.lead_record import time_text, to_text
from service.errors import Conflict, NotFound
from service.store.ops import audit, jobs
from service.store.ops.jobs import TEST
from service.use_cases.tx import Tx

TESTED = {
    "webhook": "GIVEGET_WEBHOOK_URL and GIVEGET_WEBHOOK_SECRET",
    "slack": "GIVEGET_SLACK_URL",
    "hubspot": "GIVEGET_HUBSPOT_TOKEN",
    "salesforce": "GIVEGET_SALESFORCE_URL, GIVEGET_SALESFORCE_CLIENT_ID and "
    "GIVEGET_SALESFORCE_CLIENT_SECRET",
    "stripe": "GIVEGET_STRIPE_KEY",
    "aircall": "GIVEGET_AIRCALL_API_KEY",
}
"""The tools that we call, and what sets each up."""


def ask_test(tx: Tx, tool: str) -> None:
    """Have one harmless call made to a tool. Raises NotFound, Conflict."""
    if tool not in TESTED:
        raise NotFound("unknown_connector", "there is no such tool")
    if getattr(tx.runtime.tools, tool) is None:
        raise Conflict("not_connected", f"{tool} is not set up: set {TESTED[tool]}")
    said = {"message": "A test from Giveget: the connection works."}
    body = to_text({"type": TEST, "timestamp": time_text(tx.now), "data": said})
    jobs.ask(tx.connection, tool, TEST, TEST, body=body, now=tx.now)
    tx.audit("connection.tested", audit.STORE, tool=tool)
