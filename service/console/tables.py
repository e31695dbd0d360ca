"""Every table that can be had as a file, by its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from service.console import (
    access_page,
    account_page,
    calls_page,
    connections_page,
    effect_page,
    figures_page,
    lead_page,
    leads_page,
    ledger_page,
    mail_page,
    model_page,
    offer_pages,
    policy_page,
    policy_stops,
    queue_page,
    response_times,
    team_page,
    to_do_page,
    without_rep,
)
from service.console.page_context import PageContext
from service.console.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """How a table is read, and for whom."""

    read: Callable[[PageContext], Table]
    managers_only: bool = True


TABLES = {
    "queue": Export(read=queue_page.whole, managers_only=False),
    "leads": Export(read=leads_page.listed, managers_only=False),
    "scores": Export(read=lead_page.scores, managers_only=False),
    "timeline": Export(read=lead_page.timeline, managers_only=False),
    "offers": Export(read=offer_pages.table, managers_only=False),
    "life": Export(read=offer_pages.life, managers_only=False),
    "tasks": Export(read=to_do_page.table, managers_only=False),
    "rules": Export(read=policy_page.rules),
    "proofs": Export(read=policy_page.proofs),
    "versions": Export(read=policy_page.version_table),
    "publications": Export(read=policy_page.publications),
    "reactions": Export(read=policy_stops.reactions),
    "stops": Export(read=policy_stops.stops),
    "grades": Export(read=model_page.grades),
    "mails": Export(read=mail_page.captured),
    "emails": Export(read=mail_page.emails),
    "outbox": Export(read=mail_page.outbox),
    "suppressed": Export(read=mail_page.suppressed),
    "members": Export(read=account_page.members, managers_only=False),
    "entries": Export(read=account_page.entries, managers_only=False),
    "rates": Export(read=figures_page.rates),
    "modes": Export(read=figures_page.modes),
    "channels": Export(read=figures_page.channels),
    "ledger": Export(read=ledger_page.whole),
    "months": Export(read=ledger_page.months),
    "effects": Export(read=effect_page.effects),
    "earned": Export(read=effect_page.earnings),
    "readings": Export(read=effect_page.readings),
    "sizes": Export(read=effect_page.sizes),
    "connections": Export(read=connections_page.table),
    "calls": Export(read=calls_page.table),
    "people": Export(read=access_page.people_table),
    "keys": Export(read=access_page.keys_table),
    "reps": Export(read=team_page.reps_table),
    "without-rep": Export(read=without_rep.table),
    "response-times": Export(read=response_times.table),
    "funnel": Export(read=team_page.funnel_table),
    "lanes": Export(read=team_page.lanes_table),
    "unreached": Export(read=team_page.unreached_table),
    "transitions": Export(read=team_page.transitions_table),
    "objections": Export(read=team_page.objections_table),
}
