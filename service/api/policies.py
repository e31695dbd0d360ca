"""Policies as versions: write one, see who published which and why, publish one."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from service.api.calls import answered, parts_of, people, person_body
from service.api.document import body
from service.api.problems import answers
from service.auth.keyring import Caller
from service.schemas import people as bodies
from service.schemas.team_answers import PoliciesAnswer, PolicyAnswer, PublicationAnswer
from service.store.offers import policies
from service.use_cases import by_hand
from service.use_cases.leads.idempotency import Answer, answer, once
from service.use_cases.policies import drafts, publishing
from service.use_cases.policies.active import follow, prove_once, refuted
from service.use_cases.policies.lints import lints

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
    parts = parts_of(request)
    now = parts.clock.now()

    def look(connection: sa.Connection) -> dict[str, Any]:
        text = None if version is None else publishing.find(connection, version).text
        policy = parts.policy if text is None else drafts.parsed(text)
        return {
            "serving": parts.policy.version,
            "policies": [publishing.policy_json(each) for each in policies.versions(connection)],
            "publications": [
                publishing.publication_json(each) for each in policies.history(connection)
            ],
            "text": text,
            "lints": lints(connection, parts, policy, now),
        }

    return await parts.store.read(look)


@router.post(
    "/v1/policies",
    response_model=PolicyAnswer,
    responses=_REFUSALS,
    openapi_extra=body(bodies.PolicyText),
)
async def add(request: Request, caller: Caller = _MANAGER) -> Response:
    """Keep a policy as a version, with what its proof says; another person publishes it."""
    parts = parts_of(request)
    message, given = await person_body(request, bodies.PolicyText, caller)
    policy = drafts.parsed(given.text)
    proof = await asyncio.to_thread(prove_once, policy)
    now = parts.clock.now()

    def work(connection: sa.Connection) -> Answer:
        stored = drafts.keep(connection, caller, policy, now)
        broken = [found.to_json() for found in refuted(proof)]
        looked = lints(connection, parts, policy, now)
        return answer(publishing.policy_json(stored) | {"refuted": broken, "lints": looked})

    return answered(await parts.store.write(lambda c: once(c, message, now, lambda: work(c))))


@router.post(
    "/v1/policies/{policy}/publish",
    response_model=PublicationAnswer,
    responses=_REFUSALS,
    openapi_extra=body(bodies.Publish),
)
async def publish(request: Request, policy: str, caller: Caller = _MANAGER) -> Response:
    """Put a version to work; a refuted one is refused with its proof."""
    parts = parts_of(request)
    message, given = await person_body(request, bodies.Publish, caller)
    stored = await parts.store.read(lambda connection: publishing.find(connection, policy))
    proof = await asyncio.to_thread(prove_once, drafts.parsed(stored.text))
    now = parts.clock.now()

    def work(connection: sa.Connection) -> Answer:
        published = publishing.publish(
            connection, policy, proof, by=by_hand.hand_of(caller).who, reason=given.reason, now=now
        )
        return answer(publishing.publication_json(published))

    done = await parts.store.write(lambda c: once(c, message, now, lambda: work(c)))
    await follow(parts)
    return answered(done)
