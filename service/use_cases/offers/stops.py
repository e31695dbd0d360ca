"""What stops a rule or a code for now: a person's word, or its readers' complaints.

A code whose rule names a partner was given to that partner's audience. Who presents it though no
partner brought them is a stranger to it; beyond `[guardrails] code_strangers` accounts it has gone
public, and somebody is told. A stopped code gets nobody a new offer; what was issued stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from offers.codes import normal_code
from offers.conditions import Compare
from offers.conditions.nodes import clauses
from offers.policy import Policy, Rule
from offers.policy_codes import codes_of
from offers.situation import Situation
from service.domain.lead import StoredLead
from service.domain.reactions import is_disliked
from service.errors import NotFound
from service.store.offers import codes, offers, reactions
from service.store.ops import switches
from service.store.ops.switches import CODE_PUBLIC, CODE_STOPPED, RULE_PAUSED, Turned
from service.use_cases.tx import Tx

_BY = "giveget"


def stopped_facts(tx: Tx) -> Situation:
    """The rules that are paused and the codes that are stopped now."""
    paused = switches.on_under(tx.connection, RULE_PAUSED)
    stopped = switches.on_under(tx.connection, CODE_STOPPED)
    facts = {"paused_rules": paused, "stopped_codes": stopped}
    return {name: "\n".join(found) for name, found in facts.items() if found}


def is_code_stopped(tx: Tx, code: str) -> bool:
    """Whether a code, however written, gets nobody a new offer."""
    return switches.is_on(tx.connection, CODE_STOPPED + normal_code(code))


def note_presented(tx: Tx, lead: StoredLead, code: str, partner: str | None) -> None:
    """Keep that a lead brought by `partner` presented a code, and warn once it has gone public."""
    rule = _rule_of(tx.runtime.policy, code)
    given_by = None if rule is None else _partner_of(rule)
    if given_by is None:
        return
    written, whose = normal_code(code), lead.account or f"lead:{lead.pseudonym}"
    is_new = codes.note(
        tx.connection,
        written,
        tx.runtime.email_key(whose),
        is_stranger=partner != given_by,
        now=tx.now,
    )
    most = tx.runtime.policy.guardrails.code_strangers
    if not is_new or most is None or switches.is_on(tx.connection, CODE_PUBLIC + written):
        return
    count = codes.strangers(tx.connection, written)
    if count > most:
        reason = f"{count} accounts presented it that {given_by} did not bring"
        turned = Turned(is_on=True, by=_BY, reason=reason, at=tx.now)
        switches.turn(tx.connection, CODE_PUBLIC + written, turned)


def stop_code(tx: Tx, code: str, reason: str) -> Turned:
    """Let a code of the serving policy get nobody a new offer. Raises NotFound."""
    if _rule_of(tx.runtime.policy, code) is None:
        raise NotFound("unknown_code", "no rule of the serving policy asks for this code")
    name = CODE_STOPPED + normal_code(code)
    found = switches.find(tx.connection, name)
    if found is not None and found.is_on:
        return found
    turned = Turned(is_on=True, by=tx.actor.who, reason=reason, at=tx.now)
    switches.turn(tx.connection, name, turned)
    tx.audit("code.stopped", normal_code(code))
    return turned


def pause_disliked(tx: Tx, email_keys: Sequence[str]) -> None:
    """After a complaint: pause the rules that wrote there, of which too many readers complain."""
    limit = tx.runtime.policy.guardrails.max_complaint_share
    if limit is None:
        return
    offers.lock_issuing(tx.connection)  # so that two complaints at once see each other
    for rule in reactions.rules_mailed(tx.connection, email_keys):
        name = RULE_PAUSED + rule
        before = switches.find(tx.connection, name)
        if before is not None and before.is_on:
            continue
        since = None if before is None else before.at
        found = reactions.of_mailed(tx.connection, [rule], since)[rule]
        held = reactions.of_controls(tx.connection, [rule])[rule]
        if is_disliked(
            found.people,
            found.complaints,
            float(limit),
            controls=held.people,
            controls_complaints=held.complaints,
        ):
            reason = f"{found.complaints} of {found.people} readers complained of its mail"
            turned = Turned(is_on=True, by=_BY, reason=reason, at=tx.now)
            switches.turn(tx.connection, name, turned)
            tx.audit("rule.paused", rule)


def resume_rule(tx: Tx, rule: str, reason: str) -> Turned:
    """Let a paused rule work again, judged anew by what is mailed from now on. Raises NotFound."""
    name = RULE_PAUSED + rule
    found = switches.find(tx.connection, name)
    if found is None:
        raise NotFound("not_paused", "this rule was never paused")
    if not found.is_on:
        return found
    turned = replace(found, is_on=False, by=tx.actor.who, reason=reason, at=tx.now)
    switches.turn(tx.connection, name, turned)
    tx.audit("rule.resumed", rule)
    return turned


def _rule_of(policy: Policy, code: str) -> Rule | None:
    written = normal_code(code)
    for rule in policy.rules:
        if any(normal_code(each) == written for _, each in codes_of(rule)):
            return rule
    return None


def _partner_of(rule: Rule) -> str | None:
    for clause in clauses(rule.when):
        if isinstance(clause, Compare) and (clause.fact, clause.operator) == ("partner", "=="):
            return str(clause.right)
    return None
