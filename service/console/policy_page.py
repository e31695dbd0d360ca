"""The policy: its rules as sentences, what is proved of them, a draft beside the serving one."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from offers.audience import audiences
from offers.decide import decide, decide_offer
from offers.diff import differences
from offers.overlaps import behind_each
from offers.policy import Policy, Problem
from offers.prove import Property
from service.console import people, policy_stops, proof_words
from service.console.audience_words import audience_said
from service.console.change_costs import change_costs, changed_rules, given_otherwise
from service.console.editor_words import editor_words
from service.console.page_context import PageContext
from service.console.rule_costs import cost_said
from service.console.sentences import said
from service.console.side_by_side import side_by_side
from service.console.table import Column, Table
from service.console.words import money
from service.store.offers import offers, policies
from service.store.offers.offers import RuleSum
from service.use_cases.offers.situation import past
from service.use_cases.policies import versions
from service.use_cases.policies.lints import live_trials
from service.use_cases.policies.publishers import is_one_person
from service.use_cases.policies.standing import standing_of, standings
from service.use_cases.tx import Tx
from service.use_cases.views.measured_effects import by_rule

_KEPT = 16
_NAMED = 20
_MOVES = {
    "gained": "would gain an offer",
    "lost": "would lose their offer",
    "changed": "would get another rule's offer",
    "retraded": "would get the same rule's offer with another trade",
}
_PROOFS: OrderedDict[str, tuple[Property, ...]] = OrderedDict()
"""The last proofs of this process by version: a proof takes seconds and never changes."""
_RULES = (
    Column("rule", "Rule", "name"),
    Column("when", "Who", "long"),
    Column("get", "What we ask"),
    Column("give", "What we give"),
    Column("how", "How"),
    Column("why", "Why", "long"),
)
_PROVED = (
    Column("rule", "Rule", "name"),
    Column("name", "What holds for every situation"),
    Column("verdict", "Verdict", "state"),
    Column("counterexample", "Where it breaks"),
)
_VERSIONS = (
    Column("version", "Version", link="/policy/{version}"),
    Column("policy_id", "Policy"),
    Column("author", "Author", "name", shown="author_name"),
    Column("created_at", "Written", "time"),
    Column("state", "State", "state"),
    Column("live_until", "Live until", "time"),
)
_PUBLICATIONS = (
    Column("number", "No.", "number"),
    Column("at", "When", "time"),
    Column("version", "Version", link="/policy/{version}"),
    Column("by", "By", "name", shown="by_name"),
    Column("reason", "Reason", "long"),
)


def keep_proof(version: str, proof: tuple[Property, ...]) -> None:
    """Remember what was proved of a version."""
    _PROOFS[version] = proof
    while len(_PROOFS) > _KEPT:
        _PROOFS.popitem(last=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """What is wrong with a draft: on which line, 0 where it is of no line, and that line."""

    line: int
    message: str
    text: str


def page(
    look: PageContext, draft: str | None = None, wrong: Sequence[Problem] = ()
) -> dict[str, Any]:
    """What the policy's page shows; `draft` is a text that was refused, with what is wrong."""
    serving = look.runtime.policy
    return {
        "serving": serving,
        "is_file": look.runtime.publication is None,
        "rules": _rules(serving),
        "cards": _cards(serving),
        "given": _given(look, serving),
        "proofs": _proofs(serving.version),
        "proved": _proved(serving.version),
        "overlaps": behind_each(serving),
        "mistakes": _mistakes(draft or "", wrong),
        "marks": json.dumps([{"line": each.line, "message": each.message} for each in wrong]),
        "reactions": policy_stops.reactions(look),
        "stops": policy_stops.stops(look),
        "turns": policy_stops.turns(look),
        "versions": version_table(look),
        "publications": publications(look),
        "text": serving.text if draft is None else draft,
        "may_say": editor_words(),
    }


def draft(look: PageContext, version: str) -> dict[str, Any]:
    """What a version's page shows beside the serving one. Raises NotFound."""
    stored = versions.find(look.connection, version)
    policy = versions.parsed(stored.text, look.runtime.settings.emails)
    serving = look.runtime.policy
    proof = _PROOFS.get(version)
    called = people.hands(look)
    standing = standing_of(look.connection, stored, serving.version)
    return {
        "stored": stored,
        "author": called(stored.author),
        "standing": standing,
        "since": [(each, called(each.by)) for each in standing.since],
        "is_serving": version == serving.version,
        "differences": differences(serving, policy),
        "costs": change_costs(look.connection, serving, policy),
        "rules": _rules(policy),
        "cards": _cards(policy),
        "proofs": _proofs(version),
        "proved": _proved(version),
        "overlaps": behind_each(policy),
        "mistakes": [],
        "marks": "[]",
        "diff": side_by_side(serving.text, stored.text),
        "is_refuted": proof is not None and any(p.verdict == "refuted" for p in proof),
        "is_own": is_one_person(look.connection, stored.author, look.caller.actor.who),
        "is_file": look.runtime.publication is None,
        "moved": _moved(look, policy) if look.asked.get("trials") else None,
        "text": stored.text,
        "may_say": editor_words(),
    }


def rules(look: PageContext) -> Table:
    """The rules as a table; of a version where asked: `?version=`."""
    version = look.asked.get("version")
    if not version:
        return _rules(look.runtime.policy)
    text = versions.find(look.connection, version).text
    return _rules(versions.parsed(text, look.runtime.settings.emails))


def proofs(look: PageContext) -> Table:
    """What was proved, as a table: `?version=`."""
    return _proofs(look.asked.get("version") or look.runtime.policy.version)


def version_table(look: PageContext) -> Table:
    """Every version."""
    serving, called = look.runtime.policy.version, people.hands(look)
    rows = [
        {
            "version": each.stored.version,
            "policy_id": each.stored.policy_id,
            "author": each.stored.author,
            "author_name": called(each.stored.author),
            "created_at": each.stored.created_at,
            "state": each.state,
            "live_until": each.live_until,
        }
        for each in standings(look.connection, serving)
    ]
    return Table(
        name="versions",
        title="Versions",
        columns=_VERSIONS,
        rows=rows,
        empty="Nobody wrote a policy here yet; the shipped one, or a file's, is serving.",
        note="An outdated draft was written before the live version was published.",
    )


def publications(look: PageContext) -> Table:
    """Who published which, when and why."""
    called = people.hands(look)
    rows = [
        {name: getattr(each, name) for name in ("number", "at", "version", "by", "reason")}
        | {"by_name": called(each.by)}
        for each in policies.history(look.connection)
    ]
    return Table(
        name="publications",
        title="Published",
        columns=_PUBLICATIONS,
        rows=rows,
        empty="Nothing was published here yet.",
    )


def _rules(policy: Policy) -> Table:
    rows = [
        {
            "rule": rule.id,
            "when": said(rule.when),
            "get": ", ".join(get.phrase() for get in rule.gets),
            "give": ", ".join(give.phrase() for give in rule.gives),
            "how": f"mail {rule.email}" if rule.email else "by a person, or on a page",
            "why": rule.why,
        }
        for rule in policy.rules
    ]
    return Table(
        name="rules",
        title="Rules",
        columns=_RULES,
        rows=rows,
        empty="No rule.",
        note="Tried from the top; the first that fits and breaks no guardrail wins.",
        asked={"version": policy.version},
    )


def _proofs(version: str) -> Table:
    proved: Sequence[Property] = _PROOFS.get(version, ())
    rows = [
        {
            "rule": found.rule,
            "name": proof_words.holds(found),
            "verdict": found.verdict,
            "counterexample": None if found.counterexample is None else proof_words.breaks(found),
        }
        for found in sorted(proved, key=lambda found: found.verdict != "refuted")
    ]
    return Table(
        name="proofs",
        title="Proofs",
        columns=_PROVED,
        rows=rows,
        empty="Not proved since this server started; publishing always proves first.",
        asked={"version": version},
    )


def _cards(policy: Policy) -> list[dict[str, Any]]:
    """The rules as people read them: who is asked for what, gets what, and whether that holds."""
    verdicts: dict[str, str] = {}
    for found in _PROOFS.get(policy.version, ()):
        if verdicts.get(found.rule) != "refuted":
            verdicts[found.rule] = found.verdict
    return [
        {
            "id": rule.id,
            "who": said(rule.when),
            "asks": [get.phrase() for get in rule.gets],
            "gives": [give.phrase() for give in rule.gives],
            "how": f"by mail ({rule.email})" if rule.email else "by a person or on a page",
            "until": rule.until,
            "why": rule.why,
            "costs": cost_said(rule, policy),
            "verdict": verdicts.get(rule.id),
        }
        for rule in policy.rules
    ]


def _given(look: PageContext, policy: Policy) -> dict[str, dict[str, str]]:
    """What each rule gave so far, in any version of the policy, and what that changed."""
    sums = offers.by_rule(look.connection, policy.id)
    changed = by_rule(look.connection, ((policy.id, rule) for rule in sums), now=look.now)
    now = {rule.id: rule for rule in policy.rules}
    otherwise = {
        rule: given_otherwise(look.connection, now[rule], policy) for rule in sums if rule in now
    }
    return {
        rule: {
            "sum": _summed(found, policy.currency) + otherwise.get(rule, ""),
            "changed": changed[policy.id, rule],
        }
        for rule, found in sums.items()
    }


def _summed(found: RuleSum, currency: str) -> str:
    """`51 offers, 23 redeemed, $20,000 conceded, at most $900 more in open ones.`"""
    told = f"{found.offers:,} {'offer' if found.offers == 1 else 'offers'}, "
    told += f"{found.redeemed:,} redeemed, {money(found.settled_minor, currency)} conceded"
    if found.open_minor:
        told += f", at most {money(found.open_minor, currency)} more in open ones"
    return f"{told}."


def _proved(version: str) -> dict[str, Any]:
    """How much holds; what does not, as sentences; what does, by rule."""
    found = _PROOFS.get(version, ())
    held: dict[str, list[str]] = {}
    for one in found:
        if one.verdict == "proved":
            held.setdefault(one.rule, []).append(proof_words.holds(one))
    return {
        "count": len(found),
        "holding": sum(map(len, held.values())),
        "broken": [proof_words.breaks(one) for one in found if one.verdict == "refuted"],
        "held": held,
    }


def _mistakes(text: str, wrong: Sequence[Problem]) -> list[Mistake]:
    lines = text.splitlines()
    return [
        Mistake(
            line=found.line,
            message=found.message,
            text=lines[found.line - 1].strip() if 0 < found.line <= len(lines) else "",
        )
        for found in wrong
    ]


def _moved(look: PageContext, policy: Policy) -> dict[str, Any]:
    """Who of the live trials would get another offer, or none, or one, under the draft.

    And rule by rule whom it fits, or what the nearest lead still lacks.
    """
    serving = look.runtime.policy
    tx = Tx(look.connection, look.runtime, look.now)
    lived = past(tx)
    after = {lead: decide(each, policy, look.now, lived) for lead, each in live_trials(tx, policy)}
    leads: dict[str, list[str]] = {name: [] for name in _MOVES}
    for lead, before in live_trials(tx, serving):
        one = decide_offer(before, serving, look.now, lived)
        other = after[lead].offer
        if not one and other:
            leads["gained"].append(lead)
        elif one and not other:
            leads["lost"].append(lead)
        elif one and other and one.rule != other.rule:
            leads["changed"].append(lead)
        elif one and other and (one.gives, one.gets) != (other.gives, other.gets):
            leads["retraded"].append(lead)
    fits = {
        rule.id: [
            lead
            for lead, decision in after.items()
            if any(each.rule == rule.id and each.matched for each in decision.verdicts)
        ]
        for _, rule in changed_rules(serving, policy)
    }
    named = (*leads.values(), *fits.values())
    shown = {lead for found in named for lead in found[:_NAMED]}
    names = people.names_of(look, shown)
    return {
        "trials": len(after),
        "rules": [
            (
                found.rule,
                audience_said(found),
                [(lead, names[lead]) for lead in fits.get(found.rule, ())[:_NAMED]],
            )
            for found in audiences(policy, list(after.values()))
        ],
        "groups": [
            {
                "says": says,
                "count": len(leads[name]),
                "named": [(lead, names[lead]) for lead in leads[name][:_NAMED]],
            }
            for name, says in _MOVES.items()
        ],
    }
