"""What changed beside the service is taken into use while it runs: the store's keys, and files.

A model or a policy file that changed is taken into use while the service runs, once it passes.

What does not load, is refuted, or cannot score leads already here leaves the old one serving:
with a log line, a count in `giveget_reloads` and `giveget doctor` to say so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import structlog

from offers.policy import Policy
from scoring.errors import ModelError
from scoring.model.model import Model
from service.auth.key_set import find_sealed, read_keys
from service.domain.lead import StoredLead
from service.errors import ConfigurationError
from service.runtime import Runtime
from service.store.leads import leads
from service.use_cases.leads.lead_context import open_lead
from service.use_cases.policies.active import read_policy

_log = structlog.get_logger()
_SAMPLE = 50
_UNFIT = (
    ModelError,
    ConfigurationError,
    OSError,
    ValueError,
    ArithmeticError,
    LookupError,
    TypeError,
)
T = TypeVar("T", Model, Policy)


async def reload(runtime: Runtime) -> int:
    """Serve the model and policy files that changed; returns 0, since no queued work is done."""
    files, now = runtime.files, runtime.clock.now()
    if files.model is not None and await asyncio.to_thread(files.changed, files.model):
        sample = await runtime.store.read(lambda connection: leads.newest(connection, _SAMPLE))
        path = files.model
        model = await _tried("model", lambda: _fit(Model.load(path), sample, now), runtime)
        if model is not None:
            runtime.serve(model=model)
    if files.policy is not None and await asyncio.to_thread(files.changed, files.policy):
        path = files.policy
        policy = await _tried("policy", lambda: read_policy(path, runtime.settings.emails), runtime)
        if policy is not None:
            runtime.serve(policy=policy)
    return 0


async def follow_keys(runtime: Runtime) -> int:
    """Use the store's keys once the master key was rotated; returns 0.

    Raises Unavailable while this process has not been given the new one.
    """
    sealed = await runtime.store.read(find_sealed)
    if sealed is not None and sealed != runtime.keys.sealed:
        runtime.use_keys(read_keys(sealed, runtime.vault))
    return 0


async def _tried(what: str, load: Callable[[], T], runtime: Runtime) -> T | None:
    try:
        made = await asyncio.to_thread(load)
    except _UNFIT as error:
        _log.error(
            "reload.refused", what=what, kept=_serving(runtime, what), why=type(error).__name__
        )
        runtime.metrics.reloads.labels(what, "refused").inc()
        return None
    _log.info("reload.done", what=what, before=_serving(runtime, what), now=_name(made))
    runtime.metrics.reloads.labels(what, "done").inc()
    return made


def _fit(model: Model, sample: list[StoredLead], now: datetime) -> Model:
    """The model, once it has scored leads that are here already."""
    for stored in sample:
        case = open_lead(stored)
        if case.objects_to_profiling:
            continue
        model.score(case.lead, case.rollup, now).to_json()
    return model


def _serving(runtime: Runtime, what: str) -> str:
    return runtime.model.id if what == "model" else runtime.policy.version


def _name(made: Model | Policy) -> str:
    return made.id if isinstance(made, Model) else made.version
