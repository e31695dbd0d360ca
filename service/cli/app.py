"""The command tree. A group's module imports its heavy parts inside its commands, so that
`giveget --help` answers at once.

To add a command: write `service/cli/<group>.py` with a Typer app or a function, and name it here.
"""

from __future__ import annotations

import typer

from service.cli import (
    backup,
    connect,
    doctor,
    imports,
    keys,
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

app = typer.Typer(
    name="giveget",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Reads every trial sign-up, ranks it for the reps with exact reasons, and trades "
    "extras for conditions with the rest.",
)


app.add_typer(keys.app, name="keys")
model_score.register(model.app)
model_compare.register(model.app)
model_replay.register(model.app)
app.add_typer(model.app, name="model")
app.add_typer(value.app, name="value")
app.add_typer(policy.app, name="policy")
app.add_typer(mail.app, name="mail")
app.add_typer(people.app, name="people")
app.add_typer(person.app, name="person")
app.add_typer(privacy.app, name="privacy")
targets.register(imports.app)
app.add_typer(imports.app, name="import")
app.add_typer(connect.app, name="connect")
app.add_typer(trigger.app, name="trigger")
backup.register(app)
doctor.register(app)
serve.register(app)
app.command()(demo)
app.command()(contact)


def main() -> None:
    """Run the command line; a mistake of the caller's ends with one sentence and exit code 2."""
    app()
