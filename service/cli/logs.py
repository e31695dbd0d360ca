"""`giveget logs tail`: the calls in and out, as they are written down."""

from __future__ import annotations

import json
import time
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.cli.fail import fail
from service.cli.opened import refuse_none

if TYPE_CHECKING:
    from service.db import Store

app = typer.Typer(no_args_is_help=True, help="Calls in and out, for seven days.")
_POLL_SECONDS, _A_ROUND = 1.0, 1000


@app.callback()
def logs() -> None:
    """Calls in and out, for seven days."""


@app.command()
def tail(
    count: Annotated[int, typer.Option("-n", "--lines", min=1, max=10_000, help="How many.")] = 20,
    is_followed: Annotated[
        bool, typer.Option("--follow", "-f", help="Print new calls until Ctrl-C.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    db: Annotated[str | None, typer.Option("--db", help="The store's URL.")] = None,
) -> None:
    """Print the last refused, outbound and sampled calls; contact data is masked.

    For example: `giveget logs tail -n 50`, or `giveget logs tail --follow --json`.
    """
    from service.store.ops import http_calls

    store = _store(db)
    try:
        calls = store.read_now(lambda c: http_calls.newest(c, limit=count))
        _print(calls, as_json=as_json)
        if not calls and not as_json:
            typer.echo("No calls were written down yet.", err=True)
        last = calls[0]["id"] if calls else 0
        while is_followed:
            time.sleep(_POLL_SECONDS)
            newer = partial(http_calls.newest, limit=_A_ROUND, after=last)
            calls = store.read_now(newer)
            _print(calls, as_json=as_json)
            last = calls[0]["id"] if calls else last
    except KeyboardInterrupt:
        return
    finally:
        store.close()


def _print(newest_first: list[dict[str, Any]], *, as_json: bool) -> None:
    from service.domain.lead_record import time_text

    for call in reversed(newest_first):
        at = time_text(call["at"])
        if as_json:
            shown = {name: value for name, value in call.items() if name != "lead"}
            typer.echo(json.dumps(shown | {"at": at}, ensure_ascii=False))
            continue
        status = call["status"] or "no answer"
        said = f"{at}  {call['direction']:<3}  {status:>3}  {call['method']} {call['target']}"
        more = "  ".join(str(call[name]) for name in ("code", "request") if call[name])
        typer.echo(f"{said}  {call['took_ms']} ms  {more}".rstrip())


def _store(db: str | None) -> Store:
    from service.db import Store
    from service.errors import ConfigurationError, Refusal
    from service.settings import read_settings

    try:
        settings = read_settings(db=db)
        refuse_none(settings.db)
        return Store(settings.db)
    except (ConfigurationError, Refusal) as error:
        fail(str(error))
