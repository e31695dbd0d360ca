"""A person presents a partner's campaign code on their page, and gets the offer that it names.

The code names its rule, and with it the partner where the rule asks for one: whoever has the code
was given it there. Who presents one asks for an offer, so there is a ground to answer in writing.
"""

from __future__ import annotations

import json
from datetime import datetime

import sqlalchemy as sa

from offers.codes import is_same_code
from offers.conditions import Compare
from offers.conditions.nodes import clauses
from offers.decide import Decision
from offers.lifecycle import OPEN
from offers.policy import Policy
from offers.rules import Rule
from offers.terms import Terms
from service.domain.lead import StoredLead
from service.domain.lead_record import lawful_basis_of, time_text
from service.errors import BadInput, NotFound
from service.store.leads import leads
from service.store.offers import offers
from service.store.offers.offers import StoredOffer
from service.use_cases.leads.lead_context import LeadContext, open_lead
from service.use_cases.leads.rescoring import rescore_and_store, score_lead
from service.use_cases.offers.issuing import decide_for
from service.use_cases.offers.outcome_redemption import settle_missed
from service.use_cases.offers.reservations import SYSTEM
from service.use_cases.offers.situation import Request
from service.use_cases.offers.stops import is_code_stopped, note_presented
from service.use_cases.tx import Tx

_GET = "campaign_code"


def present(tx: Tx, ref: str, typed: str) -> StoredOffer | None:
    """The open offer of the code, issued now if need be; None while the trial does not meet it.

    Raises NotFound for a lead that is gone, BadInput for a code that no open rule asks for.
    """
    lead = leads.lock_by_pseudonym(tx.connection, ref)
    if lead is None or lead.erased_at is not None:
        raise NotFound("unknown_link", "this link is not one of ours, or was cut short")
    rule = _named_by(tx.runtime.policy, typed, tx.now)
    if rule is None:
        raise BadInput("unknown_code", "no open campaign has this code", status=422)
    code = str(_asked(rule))
    had = _open_offer(tx.connection, lead.id, code)
    note_presented(tx, lead, code, lead.fields.get("partner"))
    if had is None and is_code_stopped(tx, code):
        raise BadInput("unknown_code", "this code was stopped", status=422)
    lead = rescore_and_store(tx, open_lead(_told(lead, rule, code, tx.now)))
    settle_missed(tx, lead.id)
    if had is not None:
        return offers.find(tx.connection, had.id)
    case = open_lead(lead)
    if case.objects_to_profiling or tx.runtime.settings.shadow:
        return None
    return _issued(tx, case, code)


def _issued(tx: Tx, case: LeadContext, code: str) -> StoredOffer | None:
    """Issued only if what the policy grants this person now is the code's own offer."""
    score = score_lead(tx, case, tx.now)
    request = Request(by=SYSTEM, role="system", now=tx.now)

    def decided(*, dry_run: bool) -> tuple[Decision, StoredOffer | None]:
        return decide_for(tx, case, score, request, dry_run=dry_run)

    tried, _ = decided(dry_run=True)
    due = tried.offer or tried.withheld
    if due is None or not is_same_code(due.gets.get(_GET), code):
        return None
    return decided(dry_run=False)[1]


def _named_by(policy: Policy, typed: str, now: datetime) -> Rule | None:
    """The first open rule that asks for this code, however it was typed, on the policy's day."""
    day = policy.day(now)
    for rule in policy.rules:
        if is_same_code(_asked(rule), typed) and rule.is_open(day):
            return rule
    return None


def _asked(rule: Rule) -> str | None:
    return next((str(term.value) for term in rule.gets if term.kind == _GET), None)


def _told(lead: StoredLead, rule: Rule, code: str, now: datetime) -> StoredLead:
    record = lead.record
    said = {"campaign_code": code}
    for clause in clauses(rule.when):
        if isinstance(clause, Compare) and (clause.fact, clause.operator) == ("partner", "=="):
            said["partner"] = str(clause.right)
    record["fields"] |= said
    record["known_at"] |= dict.fromkeys(said, time_text(now))
    if lawful_basis_of(record) == "none":
        record["consent"] = {
            "ground": "contract_talks",
            "at": time_text(now),
            "source": "campaign code page",
            "wording": f"presented the code {code}",
        }
    return lead.with_record(record)


def _open_offer(connection: sa.Connection, lead: str, code: str) -> StoredOffer | None:
    for offer in reversed(offers.of_lead(connection, lead)):
        asked = Terms.from_json(json.loads(offer.terms)).gets.get(_GET)
        if offer.state in OPEN and is_same_code(asked, code):
            return offer
    return None
