"""The policy: its rules as sentences, what is proved of them, a draft beside the serving one."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from offers.decide import decide_offer
from offers.diff import differences
from offers.policy import Policy
from offers.prove import Property
from service.console import people, policy_stops
from service.console.page_context import PageContext
from service.console.sentences import said
from service.console.table import Column, Table
from service.store.offers import policies
from service.use_cases.access.heads import head_of
from service.use_cases.offers.situation import past
from service.use_cases.policies import versions
from service.use_cases.policies.lints import live_situations
from service.use_cases.tx import Tx

_KEPT = 16
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


def page(look: PageContext) -> dict[str, Any]:
    """What the policy's page shows."""
    serving = look.runtime.policy
    return {
        "serving": serving,
        "is_file": look.runtime.publication is None,
        "rules": _rules(serving),
        "proofs": _proofs(serving.version),
        "reactions": policy_stops.reactions(look),
        "stops": policy_stops.stops(look),
        "turns": policy_stops.turns(look),
        "versions": version_table(look),
        "publications": publications(look),
        "text": serving.text,
    }


def draft(look: PageContext, version: str) -> dict[str, Any]:
    """What a version's page shows beside the serving one. Raises NotFound."""
    stored = versions.find(look.connection, version)
    policy = versions.parsed(stored.text, look.runtime.settings.emails)
    serving = look.runtime.policy
    proof = _PROOFS.get(version)
    return {
        "stored": stored,
        "author": people.hands(look)(stored.author),
        "is_serving": version == serving.version,
        "differences": differences(serving, policy),
        "rules": _rules(policy),
        "proofs": _proofs(version),
        "is_refuted": proof is not None and any(p.verdict == "refuted" for p in proof),
        "is_own": head_of(look.connection, stored.author)
        == head_of(look.connection, look.caller.actor.who),
        "is_file": look.runtime.publication is None,
        "moved": _moved(look, policy) if look.asked.get("trials") else None,
        "text": stored.text,
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
            "version": each.version,
            "policy_id": each.policy_id,
            "author": each.author,
            "author_name": called(each.author),
            "created_at": each.created_at,
            "state": "serving" if each.version == serving else "kept",
        }
        for each in reversed(policies.versions(look.connection))
    ]
    return Table(
        name="versions",
        title="Versions",
        columns=_VERSIONS,
        rows=rows,
        empty="Nobody wrote a policy here yet; the shipped one, or a file's, is serving.",
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
            "name": found.name.replace("_", " "),
            "verdict": found.verdict,
            "counterexample": None if found.counterexample is None else str(found.counterexample),
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


def _moved(look: PageContext, policy: Policy) -> dict[str, int]:
    """Who of the live trials would get another offer, or none, or one, under the draft."""
    serving = look.runtime.policy
    lived = past(Tx(look.connection, look.runtime, look.now))
    pairs = []
    for before, after in zip(
        live_situations(Tx(look.connection, look.runtime, look.now), serving),
        live_situations(Tx(look.connection, look.runtime, look.now), policy),
        strict=True,
    ):
        one = decide_offer(before, serving, look.now, lived)
        other = decide_offer(after, policy, look.now, lived)
        pairs.append((one and one.rule, other and other.rule))
    return {
        "trials": len(pairs),
        "gained": sum(not one and bool(other) for one, other in pairs),
        "lost": sum(bool(one) and not other for one, other in pairs),
        "changed": sum(bool(one and other) and one != other for one, other in pairs),
    }
