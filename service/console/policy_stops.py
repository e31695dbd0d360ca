"""The policy's page: how each rule's readers react, and what is stopped."""

from __future__ import annotations

from typing import Any

from offers.codes import normal_code
from offers.policy_codes import codes_of
from service.console import people
from service.console.page_context import PageContext
from service.console.table import Column, Table
from service.store.offers.reactions import of_controls, of_mailed
from service.store.ops import switches

_REACTIONS = (
    Column("rule", "Rule", "name"),
    Column("people", "Mailed", "number"),
    Column("complaints", "Complaints", "number"),
    Column("unsubscribes", "Unsubscribed", "number"),
    Column("refunds", "Taken back", "number"),
    Column("controls", "Held out", "number"),
    Column("controls_complaints", "Complaints", "number"),
    Column("controls_unsubscribes", "Unsubscribed", "number"),
    Column("state", "State", "state"),
)
_STOPS = (
    Column("name", "What", "name"),
    Column("state", "State", "state"),
    Column("at", "Since", "time"),
    Column("by", "By", "name", shown="by_name"),
    Column("reason", "Why", "long"),
)
_STATES = (
    ("rule", switches.RULE_PAUSED, "paused"),
    ("code", switches.CODE_PUBLIC, "public"),
    ("code", switches.CODE_STOPPED, "stopped"),
)


def reactions(look: PageContext) -> Table:
    """What people did after each rule's mail, beside its accounts held out."""
    paused = switches.on_under(look.connection, switches.RULE_PAUSED)
    rules = [rule.id for rule in look.runtime.policy.rules]
    reached, controls = of_mailed(look.connection, rules), of_controls(look.connection, rules)
    rows = []
    for rule in rules:
        mailed, held = reached[rule], controls[rule]
        rows.append(
            {
                "rule": rule,
                "people": mailed.people,
                "complaints": mailed.complaints,
                "unsubscribes": mailed.unsubscribes,
                "refunds": mailed.refunds,
                "controls": held.people,
                "controls_complaints": held.complaints,
                "controls_unsubscribes": held.unsubscribes,
                "state": "paused" if rule in paused else "works",
            }
        )
    limit = look.runtime.policy.guardrails.max_complaint_share
    note = "" if limit is None else f"A rule pauses when surely more than {limit:.1%} complain."
    return Table(
        name="reactions",
        title="Reactions",
        columns=_REACTIONS,
        rows=rows,
        empty="No rule.",
        note=note,
    )


def turns(look: PageContext) -> list[tuple[str, str]]:
    """What a manager may turn now, each as its name for the form and in words."""
    resumed = [
        (f"rule:{rule}", f"Resume rule {rule}")
        for rule in switches.on_under(look.connection, switches.RULE_PAUSED)
    ]
    gone = switches.on_under(look.connection, switches.CODE_STOPPED)
    codes = {
        normal_code(code): code for rule in look.runtime.policy.rules for _, code in codes_of(rule)
    }
    return resumed + [
        (f"code:{code}", f"Stop code {code}")
        for written, code in codes.items()
        if written not in gone
    ]


def stops(look: PageContext) -> Table:
    """Rules that pause, and codes that went public or were stopped."""
    called = people.hands(look)
    rows: list[dict[str, Any]] = [
        {
            "name": f"{kind} {name}",
            "state": state,
            "at": turned.at,
            "by": turned.by,
            "by_name": called(turned.by),
            "reason": turned.reason,
        }
        for kind, prefix, state in _STATES
        for name, turned in switches.on_under(look.connection, prefix).items()
    ]
    return Table(
        name="stops",
        title="Paused and stopped",
        columns=_STOPS,
        rows=rows,
        empty="No rule is paused and no code is stopped.",
    )
