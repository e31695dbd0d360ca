"""`giveget serve` and `giveget worker`: the HTTP service, and the loop beside it."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.fail import fail

if TYPE_CHECKING:
    from service.runtime import Runtime

_Db = Annotated[str | None, typer.Option("--db", help="sqlite:///file or postgresql+psycopg://…")]
_Model = Annotated[Path | None, typer.Option("--model", help="A trained model's directory.")]
_Policy = Annotated[Path | None, typer.Option("--policy", help="The policy file.")]
_Config = Annotated[Path | None, typer.Option("--config", help="A TOML file of settings.")]


def register(app: typer.Typer, panel: str) -> None:
    """Add both commands to a panel of the help."""
    app.command(rich_help_panel=panel)(serve)
    app.command(rich_help_panel=panel)(worker)


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
    db: _Db = None,
    model: _Model = None,
    policy: _Policy = None,
    config: _Config = None,
    with_worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Run the worker's loop too.")
    ] = True,
) -> None:
    """Answer HTTP until stopped."""
    import signal
    import socket

    import uvicorn

    from service.api.bounded_http import BACKLOG, Bounds, bounded
    from service.api.proxies import BehindProxies
    from service.app import create_app

    runtime = _parts(host=host, port=port, db=db, model=model, policy=policy, config=config)
    settings = runtime.settings
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(BACKLOG)  # whoever reads the line below may connect at once, and waits
    except OSError as error:
        runtime.store.close()
        fail(f"cannot listen on {settings.host}:{settings.port}: {error.strerror}")
    shown = f"[{settings.host}]" if ":" in settings.host else settings.host
    typer.echo(f"giveget listens on http://{shown}:{listener.getsockname()[1]}")
    app = create_app(runtime, with_worker=with_worker)
    gc.freeze()  # what is there now stays: the collector need not look through it at every turn
    bounds = Bounds()
    bounds.fit_to_files()
    how = uvicorn.Config(
        BehindProxies(app, runtime),
        http=bounded(bounds),
        ws="none",
        backlog=BACKLOG,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=settings.shutdown_seconds,
        proxy_headers=False,  # ours reads them
    )
    server = uvicorn.Server(how)

    def stop(*_: object) -> None:
        server.should_exit = True

    # uvicorn raises a signal once more when it has stopped; by default that would end us before
    # the store is closed, and not with 0
    for told in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told, stop)
    server.run(sockets=[listener])
    runtime.store.close()


def worker(
    db: _Db = None, model: _Model = None, policy: _Policy = None, config: _Config = None
) -> None:
    """Send staged mail, give back what silent reps hold, look again at leads; until stopped."""
    import asyncio
    import signal

    from service.jobs.worker import run_worker

    runtime = _parts(db=db, model=model, policy=policy, config=config)

    async def until_told() -> None:
        stopping = asyncio.Event()
        for told in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(told, stopping.set)
        typer.echo("giveget works")
        await run_worker(runtime, stopping)

    asyncio.run(until_told())
    runtime.store.close()


def _parts(**given: object) -> Runtime:
    from service.app import build_runtime
    from service.errors import ConfigurationError, Refusal
    from service.logs import set_up_logs
    from service.settings import read_settings

    try:
        settings = read_settings(**given)
        set_up_logs(settings.log_level)
        return build_runtime(settings)
    except (ConfigurationError, Refusal) as error:
        fail(str(error))
