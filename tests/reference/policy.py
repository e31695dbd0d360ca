"""Facts, gives, gets and guardrails, from the code that reads them."""

from __future__ import annotations

from offers.examples import get_examples, give_examples
from offers.guardrails import CLAUSES, PRICED, SPENT
from offers.rules import Limits
from offers.situation import FACTS
from offers.terms import DEEDS, GETS, GIVES, MAY_FOLLOW
from tests.reference.markdown import code, page, table

_SHOWN = "shown only: a browser can write it"


def policy() -> str:
    """The page."""
    facts = [
        (code(f.name), f.caption, f.range, "" if f.decides_offers else _SHOWN, f.unknown)
        for f in FACTS.values()
    ]
    gives = []
    for kind, give in GIVES.items():
        example = give_examples()[kind]
        needs = "an order" if give.needs_order else "no order"
        gives.append((code(kind), code(example.written), example.says, needs, give.recipe))
    gets = []
    for kind in GETS:
        example = get_examples()[kind]
        shown = "a deed" if kind in DEEDS else "the order"
        if kind in MAY_FOLLOW:
            shown += ", which may follow the order (`within_days`)"
        gets.append((code(kind), code(example.written), example.says, shown))
    guards = [
        (code(name), _first(guard), "yes" if name in Limits.__dataclass_fields__ else "always")
        for group in (CLAUSES, PRICED, SPENT)
        for name, guard in group.items()
    ]
    return page(
        "Policy",
        "What a policy file may name; how to write one: [Your own policy](../policy.md).",
        "## Facts",
        "A fact that is not known makes a condition neither true nor false: the rule does not"
        " fire.",
        table(["fact", "is", "values", "", "when not known"], facts),
        "## Gives",
        table(["give", "for example", "says", "needs", "how it is handed over"], gives),
        "## Gets",
        table(["get", "for example", "says", "shown by"], gets),
        "## Guardrails",
        "What no rule may break. Those that a policy sets stand below its `[guardrails]`; the"
        " others hold always.",
        table(["guardrail", "holds", "set by the policy"], guards),
    )


def _first(thing: object) -> str:
    return (thing.__doc__ or "").split("\n\n")[0]
