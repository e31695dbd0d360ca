"""What a rep may promise: the policy's limits, what it would grant a lead now, and the words."""

from __future__ import annotations

import json
from typing import Any

from offers.guardrails import GuardrailResult
from offers.reasons import in_words
from offers.terms import Terms
from service.console.look import Look
from service.console.sentences import in_captions
from service.mail.context import hand_of, letter_context, ready_words, tongue_of_record
from service.store.leads.leads import StoredLead
from service.store.queue import reps
from service.use_cases.offers.requests import request_offer


def limits(look: Look) -> list[str]:
    """The approval limits, a sentence each."""
    asked, most = look.parts.policy.approval, look.parts.policy.guardrails.max_percent_off
    end = "down to the floor of the price book" if most is None else f"up to {most}% off"
    return [
        f"by yourself: up to {asked.rep_above_percent}% off the whole deal",
        f"with a colleague's approval: up to {asked.manager_above_percent}% off",
        f"with a manager's approval: {end}, the most the policy allows",
    ]


def dry_run(look: Look, lead: str) -> dict[str, Any]:
    """The decision as it would be now: the offer or none, and each rule with all its verdicts."""
    decided = request_offer(
        look.connection, look.parts, lead, look.caller, dry_run=True, now=look.now
    )
    said: dict[str, Any] = json.loads(decided.body)
    results = [GuardrailResult(**result) for result in said["guardrails"]]
    rules = []
    for verdict in said["verdicts"]:
        own = [result for result in results if result.rule == verdict["rule"]]
        told = (in_captions(line, holds=verdict["matched"]) for line in verdict["because"])
        because = list(dict.fromkeys(told))  # two bounds of one fact show its value twice
        broken = [_broken(result) for result in own if not result.held]
        held = [result.name for result in own if result.held]
        rules.append(verdict | {"because": because, "broken": broken, "held": held})
    return {
        "offer": said["offer"],
        "rules": rules,
        "near": [near["sentence"] for near in said["near_misses"]],
        "notes": said["notes"],
    }


def _broken(result: GuardrailResult) -> str:
    name, _, found = in_words(result).partition(": ")
    return f"{name.replace('_', ' ')}: {found.replace('1 days', '1 day', found.startswith('1 '))}"


def words_for(
    look: Look, lead: StoredLead, terms: Terms | None, *, number: int = 0, url: str = ""
) -> dict[str, str] | None:
    """What a rep copies to the lead, in its language, where no mail carries the offer."""
    if terms is None or terms.email is not None:
        return None
    settings, tongue = look.parts.settings, tongue_of_record(lead.record)
    rep = reps.find(look.connection, lead.rep or look.caller.rep or "")
    context = letter_context(
        tongue=tongue,
        terms=terms,
        number=number,
        record=lead.record,
        offer_url=url,
        unsubscribe_url="",
        signature=hand_of(settings.mail_from, rep, tongue).signature,
        postal_address="",
    )
    language = tongue.locale.get_language_name("en") or tongue.name
    return {"language": language, "lang": tongue.name, "text": ready_words(context, tongue)}
