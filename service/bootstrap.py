"""Picks the parts of a running service; nothing else opens a store or makes an app."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI

from offers.policy import Policy, PolicyError, default_policy, load_policy
from scoring.errors import ModelError
from scoring.model import Model
from scoring.scorecard import Scorecard
from service.board import Board
from service.clock import Clock, SystemClock
from service.errors import ConfigurationError
from service.metrics import Metrics
from service.parts import Parts
from service.routes import document, health, problems, webhooks
from service.routes.edge import Edge
from service.security import KeyRing
from service.settings import Settings
from service.store import Store, keys
from service.worker import run_worker

_OWN_KEY = "signing"


def build_parts(settings: Settings, clock: Clock | None = None) -> Parts:
    """Open the store, load model and policy; raises ConfigurationError or Unavailable."""
    model = _model(settings)
    policy = _policy(settings)
    store = Store(settings.db)
    made = settings.secret_key or secrets.token_urlsafe(48)
    secret = settings.secret_key or store.write_now(
        lambda connection: keys.own_secret(connection, _OWN_KEY, made)
    )
    parts = Parts(
        settings=settings,
        clock=clock or SystemClock(),
        store=store,
        model=model,
        policy=policy,
        keyring=KeyRing(store),
        board=Board(settings),
        metrics=Metrics(store),
        secret=secret.encode()[:64],
    )
    parts.metrics.versions.labels(model.id, policy.version).set(1)
    return parts


def create_app(parts: Parts, *, with_worker: bool = False) -> FastAPI:
    """The HTTP application over parts already built; closing their store is the caller's."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        working = asyncio.create_task(run_worker(parts)) if with_worker else None
        yield
        if working is not None:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)

    app = FastAPI(
        title="Giveget",
        version=version("giveget"),
        summary="Trial sign-ups in; scores with reasons, rep queues and offers out.",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.parts = parts
    for routes in (webhooks, health):
        app.include_router(routes.router)
    problems.install(app)
    document.install(app)
    app.add_middleware(Edge, metrics=parts.metrics)
    return app


def _model(settings: Settings) -> Model:
    if settings.model is None:
        return Scorecard.shipped()
    try:
        return Model.load(settings.model)
    except ModelError as error:
        raise ConfigurationError(str(error)) from None


def _policy(settings: Settings) -> Policy:
    if settings.policy is None:
        return default_policy()
    try:
        return load_policy(settings.policy)
    except OSError as error:
        raise ConfigurationError(f"policy: {settings.policy}: {error.strerror}") from None
    except PolicyError as error:
        raise ConfigurationError(str(error)) from None
