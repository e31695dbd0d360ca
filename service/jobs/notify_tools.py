"""What the tools should know of leads that changed: asked for here, delivered by `deliver`.

HubSpot gets our own properties and no others, only when they differ from what it was told last.
Slack gets hot leads and approvals that wait, each once.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

import sqlalchemy as sa

from service.domain.lead import StoredLead
from service.domain.lead_record import to_text
from service.jobs.lead_changes import changes_after, move_on
from service.runtime import Runtime
from service.store.leads import external_ids, leads
from service.store.offers import offers
from service.store.offers.offers import StoredOffer
from service.store.ops import jobs
from service.use_cases.tx import Tx

_MARK = "connect:mark"
_REASONS = 3


async def tell_changes(runtime: Runtime) -> int:
    """Ask for what the tools should be told; how many deliveries were asked for."""
    tools = runtime.tools
    if tools.hubspot is None and tools.slack is None:
        return 0
    now = runtime.clock.now()
    changed = await runtime.store.read(lambda c: changes_after(c, _MARK))
    if not changed:
        return 0

    def ask(connection: sa.Connection) -> int:
        asked = sum(
            _tell(Tx(connection, runtime, now), lead) for lead in {lead for _, lead in changed}
        )
        move_on(connection, _MARK, changed, now)
        return asked

    return await runtime.store.write(ask)


def properties_of(lead: StoredLead, offer: StoredOffer | None, public_url: str) -> dict[str, str]:
    """Our properties of a contact."""
    score = lead.score
    strongest = () if score is None else score.reasons[:_REASONS]
    reasons = [f"{reason.caption}: {reason.points:+g}" for reason in strongest]
    told = "" if offer is None else f"{offer.code or offer.id} {offer.state}"
    return {
        "giveget_grade": lead.grade or "",
        "giveget_probability": "" if score is None else str(score.probability),
        "giveget_reasons": "; ".join(reasons),
        "giveget_lane": lead.lane,
        "giveget_offer": told,
        "giveget_link": f"{public_url.rstrip('/')}/leads/{quote(lead.id)}",
    }


def _tell(tx: Tx, lead_id: str) -> int:
    lead = leads.find(tx.connection, lead_id)
    if lead is None or lead.erased_at is not None:
        return 0
    asked = 0
    had = offers.of_lead(tx.connection, lead_id)
    if tx.runtime.tools.hubspot is not None:
        contacts = external_ids.of_lead(tx.connection, lead_id).get("hubspot", [])
        told = properties_of(lead, had[-1] if had else None, tx.runtime.settings.public_url)
        for contact in contacts:
            body = to_text({"contact": contact, "properties": told})
            asked += _ask_if_new(tx.connection, "hubspot", "write", contact, lead_id, body, tx.now)
        if not contacts and lead.email_key is not None:
            asked += _ask_once(tx.connection, "hubspot", "lookup", lead_id, lead_id, "{}", tx.now)
    if tx.runtime.tools.slack is not None:
        for subject, text in _news(lead, had, tx.runtime.settings.public_url):
            body = to_text({"text": text})
            asked += _ask_once(tx.connection, "slack", "say", subject, lead_id, body, tx.now)
    return asked


def _news(lead: StoredLead, had: list[StoredOffer], public_url: str) -> list[tuple[str, str]]:
    """What is worth an interruption, without a person's data: the link shows who it is."""
    link = f"{public_url.rstrip('/')}/leads/{quote(lead.id)}"
    news = []
    if lead.lane == "rep" and (lead.grade or "").endswith("1") and lead.standing_outcome is None:
        news.append((f"hot:{lead.id}", f"A hot lead ({lead.grade}) waits for a call: {link}"))
    for offer in had:
        if offer.state == "awaiting_approval":
            said = f"Offer {offer.number} waits for approval: {link}"
            news.append((f"approval:{offer.id}", said))
    return news


def _ask_if_new(
    connection: sa.Connection,
    tool: str,
    what: str,
    subject: str,
    lead: str,
    body: str,
    now: datetime,
) -> int:
    before = jobs.find(connection, f"{tool}:{what}:{subject}")
    if before is not None and before.body == body:
        return 0
    jobs.ask(connection, tool, what, subject, lead=lead, body=body, now=now)
    return 1


def _ask_once(
    connection: sa.Connection,
    tool: str,
    what: str,
    subject: str,
    lead: str,
    body: str,
    now: datetime,
) -> int:
    if jobs.find(connection, f"{tool}:{what}:{subject}") is not None:
        return 0
    jobs.ask(connection, tool, what, subject, lead=lead, body=body, now=now)
    return 1
