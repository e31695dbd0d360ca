"""What the policy commands share: reading the file, and saying every mistake in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.fail import fail

if TYPE_CHECKING:
    from offers.policy import Policy

PolicyFile = Annotated[Path, typer.Argument(metavar="FILE", help="The policy, a TOML file.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def print_json(document: object) -> None:
    """Print one JSON document, as every command with `--json` does; nothing else is on stdout."""
    import json

    typer.echo(json.dumps(document, indent=2, ensure_ascii=False))


def load(file: Path) -> Policy:
    """The policy of a file, or every mistake in it and exit code 2."""
    from offers.policy import PolicyError, load_policy

    try:
        return load_policy(file)
    except PolicyError as error:
        said = [f"{file.name}: {problem}" for problem in error.problems]
        if any("unknown fact" in line for line in said):
            said.append("every fact: `giveget policy facts`")
        fail("\n         ".join(said))
    except OSError as error:
        fail(f"cannot read {file}: {error.strerror or error}")


def own_emails() -> Path | None:
    """The folder of one's own mails that the settings name."""
    from service.errors import ConfigurationError
    from service.settings import read_settings

    try:
        return read_settings().emails
    except ConfigurationError as error:
        fail(str(error))
