"""The HTTP application: every module of calls, and what stands around them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import cache, partial
from importlib.metadata import version

from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute
from starlette.staticfiles import StaticFiles

from service.api import (
    accounts,
    audit,
    connect,
    consents,
    docs,
    document,
    figures,
    gives,
    health,
    leads,
    lists,
    mail,
    mail_consent,
    objections,
    offers,
    policies,
    problems,
    public,
    public_code,
    reports,
    reps,
    sign_on,
    site,
    tasks,
    webhooks,
)
from service.api import keys as key_routes
from service.api.console import (
    access_forms,
    data,
    forms,
    manager_forms,
    own_sessions,
    pages,
    rep_forms,
)
from service.api.edge import Edge
from service.api.fault_page import fault_page
from service.runtime import Runtime

ROUTES = (
    webhooks,
    connect,
    site,
    lists,
    leads,
    reports,
    accounts,
    figures,
    offers,
    gives,
    tasks,
    policies,
    reps,
    objections,
    mail,
    key_routes,
    audit,
    mail_consent,
    public,
    public_code,
    consents,
    docs,  # before the console's tables, one of which any name could be
    data,
    sign_on,
    pages,
    forms,
    manager_forms,
    rep_forms,
    access_forms,
    own_sessions,
    health,
)
"""Every module of calls."""


def application(
    runtime: Runtime, lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]]
) -> FastAPI:
    """The calls and pages over the parts of a running service; `lifespan` runs beside them."""
    app = FastAPI(
        title="Giveget",
        version=version("giveget"),
        summary="Trial sign-ups in; scores with reasons, rep queues and offers out.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        # its spans would carry whole paths, which may hold a lead's id, out of the house
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.runtime = runtime
    app.mount("/static", StaticFiles(packages=[("service.api", "static")]), name="static")
    app.router.routes += _calls()
    app.router.routes[:0] = webhooks.bare_routes()  # matched before FastAPI's own
    problems.install(app)
    document.install(app)
    app.add_middleware(
        Edge, metrics=runtime.metrics, calls=runtime.calls, fault_page=partial(fault_page, runtime)
    )
    return app


@cache
def _calls() -> tuple[BaseRoute, ...]:
    """Every call's route, one for all applications of a process.

    FastAPI reads the endpoints of an included router when it is first asked for a path, which
    takes longer than most answers.
    """
    every = APIRouter()
    for routes in ROUTES:
        every.include_router(routes.router)
    return tuple(every.routes)
