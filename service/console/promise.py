"""What a rep may promise: the policy's limits, what it would grant a lead now, and the words."""

from __future__ import annotations

from typing import Any

from offers.guardrails import GuardrailResult
from offers.reasons import sentence
from offers.terms import Terms
from service.console.nearest_step import is_held_out, nearest_step
from service.console.open_offer import open_offer_of
from service.console.page_context import PageContext
from service.console.sentences import in_captions
from service.domain.lead import StoredLead
from service.mail.brand import brand_of
from service.mail.context import hand_of, locale_of_lead, mail_context, ready_words
from service.store.queue import reps
from service.use_cases.offers.requests import request_offer
from service.use_cases.tx import Tx


def limits(look: PageContext) -> list[str]:
    """The approval limits, a sentence each."""
    asked, most = look.runtime.policy.approval, look.runtime.policy.guardrails.max_percent_off
    end = "down to the floor of the price book" if most is None else f"up to {most}% off"
    return [
        f"by yourself: up to {asked.rep_above_percent}% off the whole deal",
        f"with a colleague's approval: up to {asked.manager_above_percent}% off",
        f"with a manager's approval: {end}, the most the policy allows",
    ]


def dry_run(look: PageContext, lead: StoredLead) -> dict[str, Any]:
    """The decision as it would be now: the offer or none, and each rule with all its verdicts."""
    tx = Tx(look.connection, look.runtime, look.now)
    requested = request_offer(tx, lead.id, look.caller, dry_run=True)
    decision = requested.decision
    rules = []
    for verdict in decision.verdicts:
        own = [result for result in decision.guardrails if result.rule == verdict.rule]
        because = list(dict.fromkeys(map(in_captions, verdict.because)))  # two bounds of one fact
        rules.append(
            {
                "rule": verdict.rule,
                "matched": verdict.matched,
                "because": because,
                "broken": [_broken(result) for result in own if not result.held],
                "held": [result.name for result in own if result.held],
            }
        )
    return {
        "offer": decision.offer,
        "open": open_offer_of(look, lead),
        "rules": rules,
        "is_held_out": is_held_out(decision),
        "nearest": nearest_step(decision),
        "near": [near.sentence for near in decision.near_misses],
        "notes": requested.notes,
    }


def _broken(result: GuardrailResult) -> str:
    found = sentence(result)
    plain = found.replace("1 days", "1 day") if found.startswith("1 ") else found
    return f"{result.name.replace('_', ' ')}: {plain}"


def words_for(
    look: PageContext, lead: StoredLead, terms: Terms | None, *, number: int = 0, url: str = ""
) -> dict[str, str] | None:
    """What a rep copies to the lead, in its language, where no mail carries the offer."""
    if terms is None or terms.email is not None:
        return None
    settings, tongue = look.runtime.settings, locale_of_lead(lead)
    rep = reps.find(look.connection, lead.rep or look.caller.rep or "")
    context = mail_context(
        tongue=tongue,
        terms=terms,
        number=number,
        record=lead.record,
        offer_url=url,
        unsubscribe_url="",
        signature=hand_of(settings.mail_from, rep, tongue).signature,
        postal_address="",
        brand=brand_of(settings),
    )
    language = tongue.locale.get_language_name("en") or tongue.name
    return {"language": language, "lang": tongue.name, "text": ready_words(context, tongue)}
