"""`giveget demo`: simulated trials train a model and are played through a real server."""

from __future__ import annotations

import os
import shutil
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.fail import fail

if TYPE_CHECKING:
    from service.demo.simulate import Trial
    from service.store.ops.summary import Summary

_PAST_TRIALS, _PAST_DAYS = 1000, 150
_ONCE_DAYS, _ONCE_A_DAY = 12, 30
_DAYS, _A_DAY = 135, 4
"""Three months to look at and a month and a half before them, so that one reading has come."""
_CLOSELY_DAYS = 3
_CAPACITY = 1
_SEED = 20


def demo(
    once: Annotated[bool, typer.Option(help="Play a short story, print the sums, end.")] = False,
    export: Annotated[
        Path | None, typer.Option(help="Only write the simulated leads to this CSV, and end.")
    ] = None,
    directory: Annotated[
        Path, typer.Option("--dir", help="Where model and store are written.")
    ] = Path("giveget-demo"),
    port: Annotated[int | None, typer.Option(help="Port to serve on; 0 takes a free one.")] = None,
) -> None:
    """See the main job done: sign-ups in, scores with reasons, queues and offer mails out."""
    from service.demo.simulate import simulate
    from service.demo.stage import write_export

    began = time.monotonic()
    if export is None:
        _prepare(directory)
        if os.environ.get("GIVEGET_WEBHOOK_URL"):
            typer.echo("   GIVEGET_WEBHOOK_URL is left aside: the demo tells a shop of its own")
        typer.echo(f"1  {_PAST_TRIALS:,} simulated trials of the past train a model")
    days, a_day = (_ONCE_DAYS, _ONCE_A_DAY) if once else (_DAYS, _A_DAY)
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    start = now.replace(hour=0) - timedelta(days=days)
    past = simulate(
        _PAST_TRIALS, seed=_SEED, start=start - timedelta(days=_PAST_DAYS + 45), days=_PAST_DAYS
    )
    if export is not None:
        events = write_export(past, export)
        typer.echo(f"{len(past):,} simulated leads are in {export}, what they did in {events}")
        return
    leads = directory / "leads.csv"
    _train(leads, write_export(past, leads), directory / "model")
    fresh = simulate(round(days * a_day), seed=_SEED + 1, start=start, days=days)
    typer.echo(f"2  {len(fresh)} sign-ups of the last {days} days go through the HTTP calls")
    served_port = port if port is not None else 0 if once else 8080
    try:
        _play(directory, fresh, start, now, served_port, began, once=once)
    except OSError as error:
        fail(f"port {served_port} cannot be used ({error.strerror}); name another with --port")


def _prepare(directory: Path) -> None:
    """An empty folder for the demo; an older demo's files are replaced, others never."""
    ours = {"leads.csv", "leads-events.csv", "model", "policy.toml"}
    if directory.exists():
        if not directory.is_dir():
            fail(f"{directory} is no folder; name another with --dir")
        store = set(directory.glob("giveget.db*"))
        others = {path.name for path in directory.iterdir()} - {path.name for path in store} - ours
        if others:
            held = ", ".join(sorted(others)[:3])
            fail(f"{directory} holds files of others ({held}); name another folder with --dir")
        if store:
            typer.echo(
                f"   the demo's store in {directory} is made anew; what was added to it goes"
            )
        for path in store:
            path.unlink()
    directory.mkdir(parents=True, exist_ok=True)


def _train(leads: Path, events: Path, out: Path) -> None:
    from rich.console import Console

    from service.demo.stage import train_demo_model

    console = Console(stderr=True)
    with console.status("reading") as status:
        why = train_demo_model(leads, events, out, lambda step: status.update(step))
    typer.echo(f"   {why}; report: {out / 'report.html'}")


def _play(
    directory: Path,
    trials: list[Trial],
    start: datetime,
    end: datetime,
    port: int,
    began: float,
    *,
    once: bool,
) -> None:
    from importlib.resources import files

    from rich.progress import Progress

    from service.demo.arrivals import arrive
    from service.demo.caller import Caller
    from service.demo.clock import StoryClock
    from service.demo.set_pieces import SELLER, demo_policy, leave, put_to_work, try_this
    from service.demo.shop import Buyers, open_shop
    from service.demo.stage import keep_working, running_server, work
    from service.demo.story import REPS, Counts, Story
    from service.logs import set_up_logs
    from service.store.ops.summary import summarize

    set_up_logs("WARNING")
    clock = StoryClock(start)
    shipped = (files("offers") / "policies" / "default.toml").read_text(encoding="utf-8")
    model = directory / "model"
    with (
        open_shop() as shop,
        running_server(
            directory,
            model,
            clock,
            list(REPS),
            port=port,
            usage_report=True,
            **SELLER,
            **shop.settings,
        ) as stage,
    ):
        caller = Caller(stage.url, stage.ingest, clock)
        put_to_work(caller, stage, demo_policy(shipped))
        for rep, desk in REPS.items():
            at_first = desk if once else {**desk, "capacity": _CAPACITY}
            caller.person("PUT", f"/v1/reps/{rep}", stage.manager, at_first)
        buyers = Buyers(caller, stage.runtime, shop)
        story = Story(caller, clock, trials, stage.reps, lambda: work(stage.runtime), buyers.day)
        with Progress(transient=True, refresh_per_second=2) as bar:
            task = bar.add_task("playing", total=(end - start).total_seconds())

            def step(at: datetime, counts: Counts) -> None:
                said = f"{at:%a %-d %b} {counts.signups} sign-ups"
                bar.update(task, completed=(at - start).total_seconds(), description=said)

            if not once:  # long ago the story goes on in longer steps
                lately = end - timedelta(days=_CLOSELY_DAYS)
                story.pace(step_hours=6, worker_every_hours=72)
                story.play(start, lately, step)
                story.pace(step_hours=3, worker_every_hours=12)
                counts = story.play(lately, end, step)
            else:
                counts = story.play(start, end, step)
        clock.release()
        more = arrive(caller, stage.manager, clock.now())
        typer.echo(f"   and {more} more of this half hour, so that every queue has work waiting")
        leave(caller, stage)
        caller.close()
        _print_summary(
            stage.runtime.store.read_now(summarize), counts.events, counts.claims, counts.outcomes
        )
        typer.echo(f"   orders that redeemed an offer: {buyers.redeemed}")
        typer.echo(f"   {time.monotonic() - began:.0f} seconds")
        if not once:
            keep_working(stage.runtime)
            typer.echo("3  Try this, each link in a browser of its own (end with Ctrl-C):")
            command = "giveget" if shutil.which("giveget") else sys.argv[0]
            given = f"GIVEGET_INGEST_SECRET={stage.ingest} GIVEGET_PUBLIC_URL={stage.url}"
            for line in try_this(stage, f"{given} {command} trigger signup"):
                typer.echo(f"   {line}")
            _wait()


def _print_summary(summary: Summary, events: int, claims: int, outcomes: int) -> None:
    def listed(counts: dict[str, int]) -> str:
        return ", ".join(f"{name} {n}" for name, n in counts.items()) or "none"

    typer.echo(f"   leads {summary.leads}, events {events}, outcomes {outcomes}")
    typer.echo(f"   lanes now: {listed(summary.lanes)}")
    typer.echo(f"   in no queue because: {listed(summary.unreached)}")
    typer.echo(f"   claims {claims}, waiting: {listed(summary.waiting)}")
    typer.echo(f"   offers by rule: {listed(summary.offers)}")
    typer.echo(f"   mails in the captured mailbox: {summary.mails}")


def _wait() -> None:
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        typer.echo("stopping")
