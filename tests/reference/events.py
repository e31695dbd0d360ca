"""Every event that we tell, and what we are told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from scoring.leads.intents import INTENTS
from service.domain.account_money import KINDS
from service.domain.screening import RESULTS
from service.domain.webhook_events import EVENTS, SAYS
from service.schemas.facts import Touch
from tests.reference.markdown import code, page, table


def events() -> str:
    """The page."""
    told = [(code(e), SAYS[e][0], ", ".join(map(code, SAYS[e][1].split(", ")))) for e in EVENTS]
    kinds = [(code(i.kind), i.caption, ", ".join(map(code, i.phrases))) for i in INTENTS]
    touches = get_args(Touch.model_fields["kind"].annotation)
    return page(
        "Events",
        "## What we tell",
        'A POST of `{"type", "timestamp", "data"}`, signed:'
        " [Webhooks out](../connect/webhooks.md).",
        table(["type", "when", "data"], told),
        "## What we are told",
        "An event of `POST /v1/events` has any name; it is a sign of buying when the name holds one"
        " of these phrases as whole words, in any case.",
        table(["kind", "called", "phrases"], kinds),
        f"Kinds of outcomes (`POST /v1/outcomes`): {_listed(KINDS)}.",
        f"Kinds of touches (`POST /v1/touches`): {_listed(touches)}.",
        f"Results of screening calls (`POST /v1/screenings`): {_listed(RESULTS)};"
        " [what follows](../connect/screenings.md).",
    )


def _listed(names: object) -> str:
    assert isinstance(names, tuple | list | frozenset | Mapping)
    return ", ".join(code(name) for name in names)
