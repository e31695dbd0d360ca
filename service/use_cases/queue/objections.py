"""The team's list of objections: what a rep may write down, and before which step each stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from offers.objections import SHIPPED
from service.domain.screening import NOBODY_REACHED
from service.errors import BadInput, FieldError
from service.store.queue import objections
from service.use_cases.tx import Tx
from service.use_cases.views.lead_figures import LeadFigures

STAGES = {
    "reach": "before anybody was reached",
    "conversion": "before the first order",
    "repeat": "before ordering again",
    "growth": "before growing further",
}
"""Every objection was heard before one of these steps."""
_UNREACHED = ("no_answer", "wrong_contact", *NOBODY_REACHED)


def known_objection(connection: sa.Connection, objection: str | None) -> None:
    """Refuse what is not on the list. Raises BadInput."""
    if objection is None:
        return
    known = [each.id for each in objections.listed(connection)]
    if objection not in known:
        allowed = "must be one of " + ", ".join(known)
        raise BadInput(
            "unknown_objection",
            f"objection {allowed}",
            status=422,
            errors=[FieldError(path="objection", code="unknown_objection", message=allowed)],
        )


def change_objections(tx: Tx, listed: Sequence[objections.Objection]) -> dict[str, Any]:
    """Replace the team's list; the list as it is then shown."""
    objections.put(tx.connection, listed)
    tx.audit("objections.changed", "objections")
    return view(tx.connection)


def view(connection: sa.Connection, figures: LeadFigures | None = None) -> dict[str, Any]:
    """The answer of `GET /v1/objections`: the list, and counts by stage; also of retired ones."""
    counts: Counter[tuple[str, str]] = Counter()
    for objection, disposition, orders, times in (figures or LeadFigures(connection)).heard():
        counts[objection, _stage(disposition, orders)] += times
    kept = objections.listed(connection)
    retired = sorted({id for id, _ in counts} - {each.id for each in kept})
    labels = {code: each.label for code, each in SHIPPED.items()}
    every = [*kept, *(objections.Objection(id=id, label=labels.get(id, id)) for id in retired)]
    answers = objections.answered(connection)
    return {
        "objections": [
            {
                "id": each.id,
                "label": each.label,
                "retired": each.id in retired,
                "heard": {stage: counts[each.id, stage] for stage in STAGES},
                "answered": answers.get(each.id, (0, 0))[0],
                "overcome": answers.get(each.id, (0, 0))[1],
            }
            for each in every
        ]
    }


def _stage(disposition: str | None, orders: int) -> str:
    if orders:
        return "repeat" if orders == 1 else "growth"
    return "reach" if disposition in _UNREACHED else "conversion"
