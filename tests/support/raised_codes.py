"""Every code that the service's source can answer with, read from the source itself."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from typing import get_args

from offers.lifecycle import STEPS, State
from service import errors
from service.db import store_errors
from tests.support.doc_pages import ROOT

REFUSALS = {
    name: kind.status
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.Refusal) and kind is not errors.Refusal
}


def raised() -> dict[str, set[int]]:
    """The statuses of each code that a refusal is raised with under a constant name."""
    found: dict[str, set[int]] = defaultdict(set)
    for call in _calls():
        status = REFUSALS.get(_name(call))
        if status is None or not call.args or not isinstance(call.args[0], ast.Constant):
            continue
        told = [k.value for k in call.keywords if k.arg == "status"]
        if told:
            assert isinstance(told[0], ast.Constant)
            status = told[0].value
        found[call.args[0].value].add(status)
    return found


def of_families() -> dict[str, set[int]]:
    """Those whose name is put together, or kept in a table."""
    steps = {step for _, step in STEPS}
    return {
        **{f"cannot_{step}": {409} for step in steps - {"redeem", "miss"}},
        **{f"offer_{state}": {409} for state in get_args(State) if state != "redeemed"},
        **{
            failure.code: {503}
            for failure in vars(store_errors).values()
            if isinstance(failure, store_errors.WriteFailure)
        },
    }


def codes_of(called: str, place: int) -> set[str]:
    """The constants at a place of every call of one name."""
    found = set()
    for call in _calls():
        if _name(call) == called:
            named = [k.value for k in call.keywords if k.arg == "code"]
            given = named[0] if named else call.args[place] if len(call.args) > place else None
            if isinstance(given, ast.Constant):
                found.add(given.value)
    return found


def source() -> str:
    """All of the service and of offers."""
    return "\n".join(
        path.read_text(encoding="utf-8")
        for package in ("service", "offers")
        for path in (ROOT / package).rglob("*.py")
    )


def _calls() -> Iterator[ast.Call]:
    for path in (ROOT / "service").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield node


def _name(call: ast.Call) -> str:
    made = call.func
    return made.attr if isinstance(made, ast.Attribute) else getattr(made, "id", "")
