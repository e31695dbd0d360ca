"""Picks the parts of a running service; nothing else opens a store or makes an app."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from scoring.contact import read_contact
from scoring.errors import ModelError
from scoring.learners.scorecard import Scorecard
from scoring.model.model import Model
from service.auth.key_set import open_secret, unlock
from service.auth.keyring import KeyRing
from service.auth.oidc import SingleSignOn
from service.auth.rate_limit import Rates
from service.capacity import Capacity
from service.clock import Clock, SystemClock
from service.db import Store
from service.domain.consent import read_lawful_bases
from service.domain.report_kinds import read_report_kinds
from service.errors import ConfigurationError, Unavailable
from service.integrations.exchange_rates import read_exchange_rates
from service.integrations.tools import tools_of
from service.mail.brand import read_logo
from service.mail.own_emails import read_own_emails
from service.mail.transports import CapturedMailbox, Smtp
from service.ops.call_log import CallLog
from service.ops.last_counts import LastCounts
from service.ops.metrics import Metrics
from service.ops.watched_files import Files
from service.runtime import Runtime
from service.settings import Settings
from service.store.leads import bases
from service.use_cases.policies import active

if TYPE_CHECKING:
    from fastapi import FastAPI

_SAMPLE = {
    "email": "a@example.com",
    "phone": "+1 201 555 0123",
    "title": "CEO",
    "country": "Deutschland",
}


def build_runtime(settings: Settings, clock: Clock | None = None) -> Runtime:
    """Open the store, load model and policy; raises ConfigurationError or Unavailable."""
    model = _model(settings)
    grounds = read_lawful_bases(settings.grounds)
    read_report_kinds(settings.report_kinds)  # what is wrong in it is said now, not in a month
    tools = tools_of(settings)
    read_contact(**_SAMPLE)  # reads the lists: the first sign-up should not wait for them
    exchange = read_exchange_rates(settings.rates)
    read_logo(settings.brand_logo)
    read_own_emails(settings.emails)
    store, clock = Store(settings.db), clock or SystemClock()
    try:
        policy, publication = active.choose(settings, store)
        vault, keys = unlock(store, settings, clock.now())
    except ConfigurationError:
        store.close()
        raise
    runtime = Runtime(
        settings=settings,
        clock=clock,
        store=store,
        model=model,
        policy=policy,
        publication=publication,
        keyring=KeyRing(store, partial(open_secret, vault=vault)),
        board=Capacity(settings, store),
        grounds=grounds,
        metrics=Metrics(store),
        calls=CallLog(clock),
        counts=LastCounts(store, clock),
        rates=Rates(),
        sign_on=SingleSignOn(settings) if settings.oidc_issuer else None,
        files=Files(settings.model, settings.policy),
        sender=Smtp(settings) if settings.live else CapturedMailbox(store, clock),
        tools=tools,
        base=store.read_now(lambda connection: bases.learnt(connection, model.id)),
        exchange=exchange,
        vault=vault,
        keys=keys,
    )
    runtime.metrics.versions.labels(model.id, policy.version).set(1)
    return runtime


def create_app(runtime: Runtime, *, with_worker: bool = False) -> FastAPI:
    """The HTTP application over parts already built; closing their store is the caller's."""
    from service.api.application import application  # a command that serves nobody needs no calls
    from service.jobs.worker import run_follower, run_worker

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        with suppress(Unavailable):  # it is asked again with the first sign-up
            now = runtime.clock.now()
            await runtime.store.read(lambda connection: runtime.board.look(connection, now))
        stopping = asyncio.Event()
        beside = run_worker if with_worker else run_follower
        working = asyncio.create_task(beside(runtime, stopping))
        yield
        stopping.set()
        await asyncio.wait([working], timeout=runtime.settings.shutdown_seconds)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)

    return application(runtime, lifespan)


def _model(settings: Settings) -> Model:
    if settings.model is None:
        return Scorecard.shipped()
    try:
        return Model.load(settings.model)
    except ModelError as error:
        raise ConfigurationError(str(error)) from None
