"""An objection was heard: the one give that the policy allows as an answer, or what to send."""

from __future__ import annotations

from dataclasses import dataclass

from offers.decide import decide
from offers.terms.offer import Approval
from service.domain.lead import StoredLead
from service.store.offers import offers
from service.use_cases.leads.lead_context import open_lead
from service.use_cases.leads.rescoring import score_lead
from service.use_cases.offers.lifecycle import terms_of
from service.use_cases.offers.situation import Request, account_key, past, situate
from service.use_cases.tx import Tx

_OWN_WORDS = "Send the answer to what they said, in your own words."


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A rule's give with who must approve it; or, where none is allowed, what to send."""

    rule: str | None
    sentence: str | None
    approval: Approval | None
    send: str | None


def suggest(tx: Tx, lead: StoredLead, objection: str, rep: str) -> Suggestion:
    """What the lead's rep may say to an objection now: decided as if they asked for an offer, and
    nothing is issued."""
    case = open_lead(lead)
    open_offer = next(iter(offers.open_of(tx.connection, account_key(lead))), None)
    if open_offer is not None:
        sentence = terms_of(open_offer).sentence
        return _send(f"Go through their open offer No. {open_offer.number}: {sentence}.")
    send = tx.runtime.policy.objections.get(objection, _OWN_WORDS)
    if case.objects_to_profiling:
        return _send(send)
    request = Request(by=rep, role="rep", now=tx.now)
    situation = situate(tx, case, score_lead(tx, case, tx.now), request)
    decision = decide(situation, tx.runtime.policy, tx.now, past(tx), answers=objection)
    if decision.offer is None:
        return _send(send)
    offer = decision.offer
    return Suggestion(rule=offer.rule, sentence=offer.sentence, approval=offer.approval, send=None)


def _send(words: str) -> Suggestion:
    return Suggestion(rule=None, sentence=None, approval=None, send=words)
