"""Decides about an offer for one lead and issues it: offer, ledger, limits and mail together."""

from __future__ import annotations

import json
import secrets
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from offers.decide import Decision, decide, decide_offer
from offers.ledger import PERSONAL, offer_code
from offers.lifecycle import begin
from offers.terms import Terms
from scoring.model.model import Score
from service.domain.lead_record import time_text, to_text
from service.errors import Conflict
from service.runtime import Parts
from service.store.leads.leads import StoredLead
from service.store.offers import holdout, ledger, live_days, offers
from service.store.offers.holdout import Assigned
from service.store.offers.offers import StoredOffer
from service.store.offers.tasks import Task
from service.store.ops import outbox
from service.use_cases.leads import shadow
from service.use_cases.leads.lead_context import Case
from service.use_cases.leads.rescoring import Settled
from service.use_cases.offers.holdout import drawn
from service.use_cases.offers.reservations import SYSTEM, reserve
from service.use_cases.offers.situation import Request, account_key, past, situate

_MOST_TRIES = 20  # each starts over after another process used up a limit in between


def offer_if_due(connection: sa.Connection, parts: Parts, settled: Settled, now: datetime) -> None:
    """Issue what the policy grants a lead in the offer lane by itself, if anything goes by mail."""
    request = Request(by=SYSTEM, role="system", now=now)
    score = settled.score
    if score is None:
        return  # who objects to being scored is left in peace
    situation = situate(connection, parts, settled.case, score, request)
    if situation.get("arm") == "control":
        withheld = decide(situation, parts.policy, now, past(connection, parts, now)).withheld
        if withheld is not None and withheld.email is not None:
            _record_arm(connection, parts, settled.stored, withheld, now)
        return
    terms = decide_offer(situation, parts.policy, now, past(connection, parts, now))
    if terms is None or terms.email is None:
        return
    if parts.settings.shadow:
        shadow.would_offer(connection, settled.stored, terms, now)
        return
    offers.lock_issuing(connection)
    for _ in range(_MOST_TRIES):
        situation = situate(connection, parts, settled.case, score, request)
        terms = decide_offer(situation, parts.policy, now, past(connection, parts, now))
        if terms is None or terms.email is None:
            return
        if _reserve(connection, parts, settled.stored, terms, request):
            issue(connection, parts, settled.stored, terms, request)
            return


def decide_for(
    connection: sa.Connection,
    parts: Parts,
    case: Case,
    score: Score,
    request: Request,
    *,
    dry_run: bool,
) -> tuple[Decision, StoredOffer | None]:
    """The full decision, and the offer issued from it unless it is a dry run: the same code."""
    if not dry_run:
        offers.lock_issuing(connection)
    for _ in range(_MOST_TRIES):
        situation = situate(connection, parts, case, score, request)
        decision = decide(
            situation, parts.policy, request.now, past(connection, parts, request.now)
        )
        if decision.offer is None or dry_run:
            if decision.withheld is not None and not dry_run:
                _record_arm(connection, parts, case.stored, decision.withheld, request.now)
            return decision, None
        if _reserve(connection, parts, case.stored, decision.offer, request):
            return decision, issue(connection, parts, case.stored, decision.offer, request)
    raise Conflict("limits_moved", "a limit was used up meanwhile, or an offer is open; ask again")


def _reserve(
    connection: sa.Connection, parts: Parts, lead: StoredLead, terms: Terms, request: Request
) -> bool:
    if offers.had(connection, account_key(lead), request.now).open:
        return False  # the store holds one open offer an account, whatever the policy says
    return reserve(connection, parts, terms, by=request.by, role=request.role, now=request.now)


def issue(
    connection: sa.Connection, parts: Parts, lead: StoredLead, terms: Terms, request: Request
) -> StoredOffer:
    """Offer row, ledger line and staged mail; under `offers.lock_issuing`."""
    offer_id = f"offer_{secrets.token_hex(10)}"
    offer = StoredOffer(
        id=offer_id,
        number=offers.next_number(connection),
        code=offer_code(offer_id, parts.secret),
        lead=lead.id,
        account=account_key(lead),
        rule=terms.rule,
        policy_id=terms.policy_id,
        policy_version=terms.policy_version,
        terms=to_text(terms.to_json()),
        state=begin(offer_id, terms, request.by).state,
        by=request.by,
        approved_by=None,
        invoice=None,
        reserve_minor=terms.reserve_minor,
        settled_minor=None,
        issued_at=request.now,
        ends_at=terms.ends_at,
        changed_at=request.now,
    )
    offers.insert(connection, offer)
    _record_arm(connection, parts, lead, terms, request.now)
    if parts.policy.version == terms.policy_version:  # else it was exchanged in this moment
        rule = parts.policy.rule(terms.rule)
        live_days.keep(connection, terms.policy_version, rule, request.now.date())
    granted = {name: value for name, value in terms.to_json().items() if name not in PERSONAL}
    write_down(
        connection,
        parts,
        offer,
        offer.state,
        by=request.by,
        now=request.now,
        lead=lead.ref,
        terms=granted,
    )
    if offer.state == "issued":
        stage_mail(connection, offer, terms, request.now)
    return offer


def _record_arm(
    connection: sa.Connection, parts: Parts, lead: StoredLead, terms: Terms, now: datetime
) -> None:
    """The account's arm and its chance of it, when an offer is first due: what effects rest on."""
    chance = drawn(parts.policy, account_key(lead), terms.rule, now)
    assigned = Assigned(
        account=account_key(lead),
        policy_id=terms.policy_id,
        arm=chance.arm,
        propensity=str(chance.propensity),
        policy_version=terms.policy_version,
        rule=terms.rule,
        terms=to_text(terms.to_json()),
        lead=lead.ref,
        at=now,
    )
    holdout.record(connection, assigned)


def stage_mail(connection: sa.Connection, offer: StoredOffer, terms: Terms, now: datetime) -> None:
    """Stage the offer's mail, if its rule names one; the person's data are read when it leaves."""
    if terms.email is None:
        return
    outbox.stage(
        connection,
        id=f"mail_{secrets.token_hex(10)}",
        lead=offer.lead,
        offer=offer.id,
        email=terms.email,
        context=to_text({"number": offer.number, "terms": terms.to_json()}),
        now=now,
    )


def write_down(
    connection: sa.Connection,
    parts: Parts,
    offer: StoredOffer,
    step: str,
    *,
    by: str,
    now: datetime,
    **more: Any,
) -> None:
    """One ledger entry about an offer, pseudonyms only; under `offers.lock_issuing`."""
    facts = {
        "number": offer.number,
        "account": parts.email_key(offer.account),
        "rule": offer.rule,
        "policy": f"{offer.policy_id}@{offer.policy_version}",
        "by": by,
    }
    ledger.append(connection, offer=offer.id, step=step, facts=facts | more, now=now)


def task_json(task: Task) -> dict[str, Any]:
    """A task as people's answers show it."""
    return {
        "id": task.id,
        "offer_id": task.offer,
        "kind": task.kind,
        "give": task.give,
        "value": json.loads(task.value),
        "recipe": task.recipe,
        "state": task.state,
        "made_at": time_text(task.made_at),
        "ended_at": None if task.ended_at is None else time_text(task.ended_at),
        "ended_by": task.ended_by,
    }


def offer_json(offer: StoredOffer) -> dict[str, Any]:
    """The answer's form of an offer."""
    return {
        "id": offer.id,
        "number": offer.number,
        "code": offer.code,
        "lead_id": offer.lead,
        "state": offer.state,
        "rule": offer.rule,
        "policy_id": offer.policy_id,
        "policy_version": offer.policy_version,
        "terms": json.loads(offer.terms),
        "by": offer.by,
        "issued_at": time_text(offer.issued_at),
        "ends_at": time_text(offer.ends_at),
    }
