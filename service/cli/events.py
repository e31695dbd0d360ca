"""`giveget events resend`: an event of the webhook is delivered again."""

from __future__ import annotations

from typing import Annotated

import typer

from service.cli.opened import opened

app = typer.Typer(no_args_is_help=True, help="Events told to your own system.")


@app.callback()
def events() -> None:
    """Events told to your own system."""


@app.command()
def resend(
    message: Annotated[str, typer.Argument(help="The event's webhook-id, msg_….", metavar="ID")],
    db: Annotated[str | None, typer.Option("--db", help="The store's URL.")] = None,
) -> None:
    """Deliver an event again, under the same webhook-id; the worker sends it within seconds.

    For example: `giveget events resend msg_5f2b…`; `giveget logs tail` lists the ids.
    """
    from service.domain.actor import OPERATOR
    from service.use_cases.offers.resend import resend as deliver_again
    from service.use_cases.tx import transact_now

    with opened(db) as runtime:
        event = transact_now(runtime, lambda tx: deliver_again(tx, message), actor=OPERATOR)
    typer.echo(f"{event} is sent again as {message}")
