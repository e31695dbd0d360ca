"""The command tree. A group's module imports its heavy parts inside its commands, so that
`giveget --help` answers at once.

To add a command: write `service/cli/<group>.py` with a Typer app or a function, and name it here.
"""

from __future__ import annotations

from importlib.metadata import version as installed
from typing import Annotated

import typer

from service.cli import (
    backup,
    connect,
    doctor,
    effect,
    events,
    export,
    imports,
    keys,
    logs,
    mail,
    model,
    model_compare,
    model_replay,
    model_score,
    people,
    person,
    policy,
    privacy,
    serve,
    targets,
    trigger,
    value,
)
from service.cli.contact import contact
from service.cli.demo import demo

_SEE, _RUN = "See what it does", "Run it"
_DECIDE, _DATA, _PEOPLE = "Scores, offers, effects", "Data and tools", "People and their rights"
app = typer.Typer(
    name="giveget",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Reads every trial sign-up, ranks it for the reps with exact reasons, and trades "
    "extras for conditions with the rest.",
    epilog="Begin with `giveget demo`; with your own leads: `giveget model train LEADS.csv "
    "--target converted`; what is wrong with a set-up: `giveget doctor`.",
)
app.command(rich_help_panel=_SEE)(demo)
app.command(rich_help_panel=_SEE)(contact)
app.add_typer(trigger.app, name="trigger", rich_help_panel=_SEE)
serve.register(app, _RUN)
doctor.register(app, _RUN)
backup.register(app, _RUN)
model_score.register(model.app)
model_compare.register(model.app)
model_replay.register(model.app)
targets.register(imports.app)
app.add_typer(model.app, name="model", rich_help_panel=_DECIDE)
app.add_typer(policy.app, name="policy", rich_help_panel=_DECIDE)
app.add_typer(effect.app, name="effect", rich_help_panel=_DECIDE)
app.add_typer(value.app, name="value", rich_help_panel=_DECIDE)
app.add_typer(imports.app, name="import", rich_help_panel=_DATA)
export.register(app, _DATA)
app.add_typer(connect.app, name="connect", rich_help_panel=_DATA)
app.add_typer(logs.app, name="logs", rich_help_panel=_DATA)
app.add_typer(events.app, name="events", rich_help_panel=_DATA)
app.add_typer(mail.app, name="mail", rich_help_panel=_DATA)
app.add_typer(keys.app, name="keys", rich_help_panel=_PEOPLE)
app.add_typer(people.app, name="people", rich_help_panel=_PEOPLE)
app.add_typer(person.app, name="person", rich_help_panel=_PEOPLE)
app.add_typer(privacy.app, name="privacy", rich_help_panel=_PEOPLE)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"giveget {installed('giveget')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and end."
        ),
    ] = False,
) -> None:
    """What the options do they do by themselves."""


def main() -> None:
    """Run the command line; a mistake of the caller's ends with one sentence and exit code 2."""
    app()
