"""Policies as versions: a text is read, kept, and published by another with reason and proof."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from offers.policy import Policy, PolicyError, Problem, parse_policy
from offers.prove import Property
from service.domain.lead_record import time_text, to_text
from service.errors import BadInput, Conflict, FieldError, NotAllowed, NotFound
from service.store.offers import ledger, offers, policies
from service.store.offers.policies import Publication, StoredPolicy
from service.use_cases.offers.holdout import fix_readings
from service.use_cases.policies.active import in_a_sentence, mail_missing, refuted
from service.use_cases.policies.apart import Examined, examine
from service.use_cases.policies.publishers import is_one_person
from service.use_cases.tx import Tx


def parsed(text: str, emails: Path | None) -> Policy:
    """The policy of a text; `emails` is the folder of one's own mails.

    Raises BadInput with every mistake's line.
    """
    try:
        return _whole(parse_policy(text), emails)
    except PolicyError as error:
        raise PolicyUnread(error.problems) from None


async def examined(text: str, emails: Path | None) -> Examined:
    """The policy of a text and its proof, while others are answered.

    Raises BadInput with every mistake's line, or because it takes too much; Unavailable.
    """
    try:
        policy, proof = await asyncio.to_thread(examine, text)
    except PolicyError as error:
        raise PolicyUnread(error.problems) from None
    return _whole(policy, emails), proof


class PolicyUnread(BadInput):  # a refusal is an answer, not a fault
    """A text that is no policy, with each mistake at its place."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        errors = [
            FieldError(
                path=f"line {found.line}, column {found.column}",
                code="policy_mistake",
                message=found.message,
            )
            for found in problems
        ]
        counted = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
        said = f"{counted} in the policy"
        super().__init__("policy_does_not_load", said, status=422, errors=errors)
        self.problems = tuple(problems)


def _whole(policy: Policy, emails: Path | None) -> Policy:
    missing = mail_missing(policy, emails)
    if missing is not None:
        raise BadInput("unknown_mail", missing, status=422)
    return policy


def keep(tx: Tx, policy: Policy) -> StoredPolicy:
    """Keep a policy as a version by the actor."""
    stored = add(tx.connection, policy, author=tx.actor.who, now=tx.now)
    tx.audit("policy.added", stored.version)
    return stored


def add(connection: sa.Connection, policy: Policy, *, author: str, now: datetime) -> StoredPolicy:
    """Keep a policy's text as a version; of the same text the first author stays."""
    known = policies.find(connection, policy.version)
    if known is not None:
        return known
    stored = StoredPolicy(
        version=policy.version, policy_id=policy.id, text=policy.text, author=author, created_at=now
    )
    policies.add(connection, stored)
    return stored


def find(connection: sa.Connection, version: str) -> StoredPolicy:
    """A version. Raises NotFound."""
    stored = policies.find(connection, version)
    if stored is None:
        raise NotFound("unknown_policy", "there is no such version of a policy")
    return stored


def publish(
    connection: sa.Connection,
    version: str,
    proof: Sequence[Property],
    *,
    by: str,
    reason: str,
    now: datetime,
) -> Publication:
    """Put a version to work: proved, by another than its author, with a reason, written down.

    Raises NotFound, NotAllowed, Conflict.
    """
    offers.lock_issuing(connection)
    stored = find(connection, version)
    if is_one_person(connection, stored.author, by):
        raise NotAllowed("own_policy", "another person than its author publishes a policy")
    broken = refuted(tuple(proof))
    if broken:
        raise Conflict(
            "policy_refuted",
            in_a_sentence(broken[0]),
            more={"proof": [found.to_json() for found in broken]},
        )
    before = policies.newest(connection)
    if before is not None and before.version == version:
        raise Conflict("already_published", "this version is the published one")
    is_restored = any(past.version == version for past in policies.history(connection))
    policies.publish(
        connection,
        version,
        by=by,
        reason=reason,
        is_restored=is_restored,
        now=now,
        proof=to_text([found.to_json() for found in proof]),
    )
    fix_readings(connection, parse_policy(stored.text, version), now)
    facts = {
        "by": by,
        "author": stored.author,
        "policy": f"{stored.policy_id}@{version}",
        "instead_of": None if before is None else before.version,
        "reason_sha256": hashlib.sha256(reason.encode()).hexdigest(),
        "proved": len(proof),
    }
    step = "policy_restored" if is_restored else "policy_published"
    ledger.append(connection, offer=f"policy:{version}", step=step, facts=facts, now=now)
    published = policies.newest(connection)
    assert published is not None
    return published


def policy_json(stored: StoredPolicy) -> dict[str, Any]:
    """A version without its text."""
    return {
        "id": stored.version,
        "policy_id": stored.policy_id,
        "author": stored.author,
        "created_at": time_text(stored.created_at),
    }


def publication_json(published: Publication) -> dict[str, Any]:
    """One line of the history."""
    return {
        "number": published.number,
        "id": published.version,
        "by": published.by,
        "reason": published.reason,
        "restored": published.is_restored,
        "at": time_text(published.at),
    }
