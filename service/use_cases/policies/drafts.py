"""A policy's text as somebody wrote it: read, or refused with every mistake; kept as a version."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from offers.policy import Policy, PolicyError, parse_policy
from service.auth.keyring import Caller
from service.errors import BadInput, FieldError
from service.store.offers.policies import StoredPolicy
from service.store.ops import audit
from service.use_cases.by_hand import hand_of
from service.use_cases.policies import publishing
from service.use_cases.policies.active import mail_missing


def parsed(text: str) -> Policy:
    """The policy of a text. Raises BadInput with every mistake's line."""
    try:
        policy = parse_policy(text)
    except PolicyError as error:
        raise BadInput(
            "policy_does_not_load",
            "the policy has mistakes",
            status=422,
            errors=[
                FieldError(
                    path=f"line {found.line}, column {found.column}",
                    code="policy_mistake",
                    message=found.message,
                )
                for found in error.problems
            ],
        ) from None
    missing = mail_missing(policy)
    if missing is not None:
        raise BadInput("unknown_mail", missing, status=422)
    return policy


def keep(connection: sa.Connection, caller: Caller, policy: Policy, now: datetime) -> StoredPolicy:
    """Keep a policy as a version by its author."""
    stored = publishing.add(connection, policy, author=hand_of(caller).who, now=now)
    audit.note(connection, hand_of(caller), "policy.added", stored.version, now)
    return stored
