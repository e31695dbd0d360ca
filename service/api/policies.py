"""Policies as versions: write one, see who published which and why, publish one."""

from __future__ import annotations

from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from scoring.experiments.assignment import NotRandom
from service.api.calls import answer_once, people, person_body, runtime_of
from service.api.document import body
from service.api.problems import answers
from service.auth.keyring import Caller
from service.domain.lead_record import time_text
from service.errors import Conflict
from service.schemas import people as bodies
from service.schemas.team_answers import (
    EffectAnswer,
    PoliciesAnswer,
    PolicyAnswer,
    PublicationAnswer,
    StopAnswer,
)
from service.store.offers import policies
from service.store.ops.switches import Turned
from service.use_cases.offers import stops
from service.use_cases.policies import versions
from service.use_cases.policies.active import follow, refuted
from service.use_cases.policies.lints import lints
from service.use_cases.tx import Tx
from service.use_cases.views.earned import Earned, earned
from service.use_cases.views.measured_effects import Measured, as_json, estimate, measured

router = APIRouter(tags=["policies"])
_REFUSALS = answers(400, 401, 403, 404, 409, 413, 415, 422)
_MANAGER = people("manager")


@router.get("/v1/policies", response_model=PoliciesAnswer, responses=_REFUSALS)
async def history(
    request: Request,
    caller: Caller = _MANAGER,
    version: Annotated[str | None, Query(max_length=64)] = None,
) -> dict[str, Any]:
    """Every version, who published which, when and why; the text of the version named.

    And what its author should look at, or the serving one's, from live trials.
    """
    runtime = runtime_of(request)
    now = runtime.clock.now()

    def look(connection: sa.Connection) -> dict[str, Any]:
        text = None if version is None else versions.find(connection, version).text
        policy = runtime.policy if text is None else versions.parsed(text, runtime.settings.emails)
        return {
            "serving": runtime.policy.version,
            "policies": [versions.policy_json(each) for each in policies.versions(connection)],
            "publications": [
                versions.publication_json(each) for each in policies.history(connection)
            ],
            "text": text,
            "lints": lints(Tx(connection, runtime, now, caller.actor), policy),
        }

    return await runtime.store.read(look)


@router.post(
    "/v1/policies",
    response_model=PolicyAnswer,
    responses=_REFUSALS,
    openapi_extra=body(bodies.PolicyText, {"text": '[policy]\nid = "mine"\ncurrency = "EUR"\n'}),
)
async def add(request: Request, caller: Caller = _MANAGER) -> Response:
    """Keep a policy as a version, with what its proof says; another person publishes it."""
    message, given = await person_body(request, bodies.PolicyText, caller)
    policy, proof = await versions.examined(given.text, runtime_of(request).settings.emails)
    broken = [property.to_json() for property in refuted(proof)]
    runtime = runtime_of(request)
    now = runtime.clock.now()
    looked = await runtime.store.read(
        lambda connection: lints(Tx(connection, runtime, now, caller.actor), policy)
    )

    def work(tx: Tx) -> dict[str, Any]:
        stored = versions.keep(tx, policy)
        return versions.policy_json(stored) | {"refuted": broken, "lints": looked}

    return await answer_once(request, message, work, actor=caller.actor)


@router.post(
    "/v1/policies/{policy}/publish",
    response_model=PublicationAnswer,
    responses=_REFUSALS,
    openapi_extra=body(bodies.Publish, {"reason": "agreed with sales on Monday"}),
)
async def publish(request: Request, policy: str, caller: Caller = _MANAGER) -> Response:
    """Put a version to work; a refuted one is refused with its proof."""
    runtime = runtime_of(request)
    message, given = await person_body(request, bodies.Publish, caller)
    stored = await runtime.store.read(lambda connection: versions.find(connection, policy))
    _, proof = await versions.examined(stored.text, runtime.settings.emails)

    def work(tx: Tx) -> dict[str, Any]:
        published = versions.publish(
            tx.connection, policy, proof, by=tx.actor.who, reason=given.reason, now=tx.now
        )
        return versions.publication_json(published)

    response = await answer_once(request, message, work, actor=caller.actor)
    await follow(runtime)
    return response


@router.get("/v1/effect", response_model=EffectAnswer, responses=_REFUSALS)
async def effect(
    request: Request,
    caller: Caller = _MANAGER,
    policy: Annotated[str | None, Query(max_length=200)] = None,
    rule: Annotated[str | None, Query(max_length=200)] = None,
) -> dict[str, Any]:
    """What the offers changed against the accounts held out by chance, and when that is read next.

    Of the policy assigned under last, unless one is named; of all accounts, or those due a rule's
    offer, with what each rule's offers sold and cost. 409 `not_random` where chance drew no second
    arm, or other arms than planned.
    """
    runtime = runtime_of(request)
    now = runtime.clock.now()

    def look(connection: sa.Connection) -> tuple[Measured, list[Earned]]:
        made = measured(connection, policy, now=now, rule=rule)
        currency = made.currency or runtime.policy.currency
        return made, earned(connection, made.policy, currency, rule)

    made, money = await runtime.store.read(look)
    try:
        return as_json(estimate(made), made, money)
    except NotRandom as error:
        raise Conflict("not_random", str(error)) from None


@router.post(
    "/v1/policies/codes/{code}/stop",
    response_model=StopAnswer,
    responses=_REFUSALS,
    openapi_extra=body(bodies.Stop, {"reason": "the code stands on a coupon site"}),
)
async def stop_code(request: Request, code: str, caller: Caller = _MANAGER) -> Response:
    """Let a code get nobody a new offer; what was issued for it stays."""
    message, given = await person_body(request, bodies.Stop, caller)
    return await answer_once(
        request,
        message,
        lambda tx: _stop_json(code, stops.stop_code(tx, code, given.reason)),
        actor=caller.actor,
    )


@router.post(
    "/v1/policies/rules/{rule}/resume",
    response_model=StopAnswer,
    responses=_REFUSALS,
    openapi_extra=body(bodies.Stop, {"reason": "its mail was shortened"}),
)
async def resume_rule(request: Request, rule: str, caller: Caller = _MANAGER) -> Response:
    """Let a rule work again that its readers' complaints paused; it is judged anew from now on."""
    message, given = await person_body(request, bodies.Stop, caller)
    return await answer_once(
        request,
        message,
        lambda tx: _stop_json(rule, stops.resume_rule(tx, rule, given.reason)),
        actor=caller.actor,
    )


def _stop_json(name: str, turned: Turned) -> dict[str, Any]:
    return {
        "name": name,
        "is_on": turned.is_on,
        "by": turned.by,
        "reason": turned.reason,
        "at": time_text(turned.at),
    }
