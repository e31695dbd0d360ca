"""Which policy a service works with: a file's, else the newest published, else the shipped one.

A policy that is refuted is not loaded, wherever it comes from.
"""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path

import sqlalchemy as sa

from offers.policy import Policy, PolicyError, default_policy, load_policy, parse_policy
from offers.prove import Property, prove
from service.db import Store
from service.errors import ConfigurationError
from service.mail.render import offer_mails
from service.runtime import Runtime
from service.settings import Settings
from service.store.offers import policies

_ONE_PROOF = threading.Lock()  # z3's objects share one context, which no two threads may use


def choose(settings: Settings, store: Store) -> tuple[Policy, int | None]:
    """The policy to start with and its publication's number: None for a file's, 0 for the shipped.

    Raises ConfigurationError.
    """
    if settings.policy is not None:
        return read_policy(settings.policy, settings.emails), None
    found = store.read_now(policies.newest)
    if found is None:
        return default_policy(), 0
    stored = store.read_now(lambda connection: policies.find(connection, found.version))
    assert stored is not None
    where = f"published version {found.version}"
    try:
        policy = parse_policy(stored.text, where)
    except PolicyError as error:
        raise ConfigurationError(str(error)) from None
    _must_hold(policy, where, settings.emails)
    return policy, found.number


def live_policy(connection: sa.Connection, settings: Settings) -> Policy:
    """The policy that a service with these settings works with, not proved again.

    Raises ConfigurationError.
    """
    found = policies.newest(connection)
    if settings.policy is not None:
        return _read(settings.policy)
    stored = None if found is None else policies.find(connection, found.version)
    return (
        default_policy() if stored is None else parse_policy(stored.text, "the published version")
    )


def read_policy(file: Path, emails: Path | None) -> Policy:
    """A file's policy, proved; `emails` is the folder of one's own. Raises ConfigurationError."""
    policy = _read(file)
    _must_hold(policy, str(file), emails)
    return policy


async def follow(runtime: Runtime) -> int:
    """Change over to what another process published since; never done with work of its own."""
    if runtime.publication is None:
        return 0
    found = await runtime.store.read(policies.newest)
    if found is None or found.number <= runtime.publication:
        return 0
    stored = await runtime.store.read(lambda connection: policies.find(connection, found.version))
    assert stored is not None
    policy = await asyncio.to_thread(parse_policy, stored.text, found.version)
    runtime.serve(policy=policy)
    runtime.publication = found.number
    return 0


def prove_once(policy: Policy) -> tuple[Property, ...]:
    """Every property of a policy; one proof at a time in a process."""
    with _ONE_PROOF:
        return prove(policy)


def refuted(properties: tuple[Property, ...]) -> tuple[Property, ...]:
    """Those with a counterexample."""
    return tuple(found for found in properties if found.verdict == "refuted")


def in_a_sentence(found: Property) -> str:
    """A refuted property with its counterexample."""
    shown = json.dumps(found.counterexample, ensure_ascii=False)
    return f'{found.name} of rule "{found.rule}" is refuted by {shown}'


def mail_missing(policy: Policy, emails: Path | None) -> str | None:
    """What is wrong with the mails its rules name, if anything; `emails` is one's own folder."""
    for rule in policy.rules:
        if rule.email is not None and rule.email not in offer_mails(emails):
            known = ", ".join(sorted(offer_mails(emails)))
            return f'rule "{rule.id}" names the mail "{rule.email}"; there are {known}'
    return None


def _read(path: Path) -> Policy:
    try:
        return load_policy(path)
    except OSError as error:
        raise ConfigurationError(f"policy: {path}: {error.strerror}") from None
    except PolicyError as error:
        raise ConfigurationError(str(error)) from None


def _must_hold(policy: Policy, where: str, emails: Path | None) -> None:
    missing = mail_missing(policy, emails)
    if missing is not None:
        raise ConfigurationError(f"policy: {missing}")
    broken = refuted(prove_once(policy))
    if broken:
        raise ConfigurationError(f"policy: {where} does not hold: {in_a_sentence(broken[0])}")
