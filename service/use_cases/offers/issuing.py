"""Decides about an offer for one lead and issues it: offer, ledger, limits and mail together."""

from __future__ import annotations

import secrets
from typing import Any

from offers.decide import Decision, decide, decide_offer
from offers.ledger import PERSONAL, offer_code
from offers.lifecycle import begin
from offers.sizes import drawn_size, size_draw
from offers.terms import Terms
from scoring.model.model import Score
from service.domain.lead import StoredLead
from service.domain.lead_record import to_text
from service.errors import Conflict
from service.store.offers import holdout, ledger, live_days, offers
from service.store.offers.holdout import Assigned
from service.store.offers.offers import StoredOffer
from service.store.ops import outbox
from service.store.queue import objections
from service.use_cases.leads import shadow
from service.use_cases.leads.lead_context import LeadContext
from service.use_cases.leads.rescoring import Rescored
from service.use_cases.offers.holdout import drawn, fix_readings
from service.use_cases.offers.offer_events import tell_step
from service.use_cases.offers.reservations import SYSTEM, reserve
from service.use_cases.offers.situation import Request, account_key, past, situate
from service.use_cases.tx import Tx

_MOST_TRIES = 20  # each starts over after another process used up a limit in between


def offer_if_due(tx: Tx, settled: Rescored) -> None:
    """Issue what the policy grants a lead in the offer lane by itself, if anything goes by mail."""
    request = Request(by=SYSTEM, role="system", now=tx.now)
    score = settled.score
    if score is None:
        return  # who objects to being scored is left in peace
    situation = situate(tx, settled.case, score, request)
    if situation.get("arm") == "control":
        withheld = decide(situation, tx.runtime.policy, tx.now, past(tx)).withheld
        if withheld is not None and withheld.email is not None:
            _record_arm(tx, settled.stored, withheld)
        return
    terms = decide_offer(situation, tx.runtime.policy, tx.now, past(tx))
    if terms is None or terms.email is None:
        return
    if tx.runtime.settings.shadow:
        shadow.would_offer(tx, settled.stored, terms)
        return
    offers.lock_issuing(tx.connection)
    for _ in range(_MOST_TRIES):
        situation = situate(tx, settled.case, score, request)
        terms = decide_offer(situation, tx.runtime.policy, tx.now, past(tx))
        if terms is None or terms.email is None:
            return
        if _reserve(tx, settled.stored, terms, request):
            issue(tx, settled.stored, terms, request)
            return


def decide_for(
    tx: Tx, case: LeadContext, score: Score, request: Request, *, dry_run: bool
) -> tuple[Decision, StoredOffer | None]:
    """The full decision, and the offer issued from it unless it is a dry run: the same code."""
    if not dry_run:
        offers.lock_issuing(tx.connection)
    for _ in range(_MOST_TRIES):
        situation = situate(tx, case, score, request)
        decision = decide(situation, tx.runtime.policy, request.now, past(tx.at(request.now)))
        if decision.offer is None or dry_run:
            if decision.withheld is not None and not dry_run:
                _record_arm(tx.at(request.now), case.stored, decision.withheld)
            return decision, None
        if _reserve(tx, case.stored, decision.offer, request):
            return decision, issue(tx, case.stored, decision.offer, request)
    raise Conflict("limits_moved", "a limit was used up meanwhile, or an offer is open; ask again")


def _reserve(tx: Tx, lead: StoredLead, terms: Terms, request: Request) -> bool:
    if offers.had(tx.connection, account_key(lead), request.now).open:
        return False  # the store holds one open offer an account, whatever the policy says
    return reserve(tx.at(request.now), terms, by=request.by, role=request.role)


def issue(tx: Tx, lead: StoredLead, terms: Terms, request: Request) -> StoredOffer:
    """Offer row, ledger line and staged mail; under `offers.lock_issuing`."""
    offer_id = f"offer_{secrets.token_hex(10)}"
    offer = StoredOffer(
        id=offer_id,
        number=offers.next_number(tx.connection),
        code=offer_code(offer_id, tx.runtime.keys.codes),
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
    offers.insert(tx.connection, offer)
    _record_arm(tx.at(request.now), lead, terms)
    if tx.runtime.policy.version == terms.policy_version:  # else it was exchanged in this moment
        rule = tx.runtime.policy.rule(terms.rule)
        live_days.keep(tx.connection, terms.policy_version, rule, request.now.date())
    granted = {name: value for name, value in terms.to_json().items() if name not in PERSONAL}
    write_down(
        tx.at(request.now), offer, offer.state, by=request.by, lead=lead.pseudonym, terms=granted
    )
    if offer.state == "issued":
        let_out(tx.at(request.now), offer, terms)
    return offer


def _record_arm(tx: Tx, lead: StoredLead, terms: Terms) -> None:
    """The account's arm and its chance of it, when an offer is first due: what effects rest on."""
    account = account_key(lead)
    if holdout.arm_of(tx.connection, account, terms.policy_id) is not None:
        return  # also as one that turned out to be the same
    policy = tx.runtime.policy
    chance = drawn(policy, account, terms.rule, tx.now)
    size = drawn_size(policy.rule(terms.rule), size_draw(account, policy.id))
    assigned = Assigned(
        account=account,
        policy_id=terms.policy_id,
        arm=chance.arm,
        propensity=str(chance.propensity),
        policy_version=terms.policy_version,
        rule=terms.rule,
        terms=to_text(terms.to_json()),
        lead=lead.pseudonym,
        at=tx.now,
        score_hundredths=lead.score_hundredths,
        dose=None if size is None else to_text(size),
    )
    holdout.record(tx.connection, assigned)
    fix_readings(tx.connection, tx.runtime.policy, tx.now)


def let_out(tx: Tx, offer: StoredOffer, terms: Terms) -> None:
    """An offer may reach its lead: note what it answers, and stage its mail, if its rule names one.

    The person's data are read when the mail leaves.
    """
    heard = objections.last_of(tx.connection, offer.lead)
    policy = tx.runtime.policy
    is_same = policy.version == terms.policy_version  # else it was exchanged meanwhile
    if heard is not None and is_same and heard in policy.rule(terms.rule).answers:
        objections.insert_answer(
            tx.connection, offer=offer.id, lead=offer.lead, objection=heard, now=tx.now
        )
    if terms.email is None:
        return
    outbox.stage(
        tx.connection,
        id=f"mail_{secrets.token_hex(10)}",
        lead=offer.lead,
        offer=offer.id,
        email=terms.email,
        context=to_text({"number": offer.number, "terms": terms.to_json()}),
        now=tx.now,
    )


def write_down(tx: Tx, offer: StoredOffer, step: str, *, by: str, **more: Any) -> None:
    """One ledger entry about an offer, pseudonyms only, and its event for whoever is told.

    Under `offers.lock_issuing`.
    """
    facts = {
        "number": offer.number,
        "account": tx.runtime.email_key(offer.account),
        "rule": offer.rule,
        "policy": f"{offer.policy_id}@{offer.policy_version}",
        "by": by,
    }
    ledger.append(tx.connection, offer=offer.id, step=step, facts=facts | more, now=tx.now)
    tell_step(tx, offer, step, by)
