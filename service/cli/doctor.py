"""`giveget doctor`: what is wrong with a set-up, and every setting there is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from service.cli.checks.finding import Finding

_MARKS = {"error": "✗", "warning": "!", "note": "·"}


def register(app: typer.Typer, panel: str) -> None:
    """Add the command to a panel of the help."""
    app.command(rich_help_panel=panel)(doctor)


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    settings: Annotated[
        bool, typer.Option("--settings", help="List every setting instead.")
    ] = False,
    db: Annotated[str | None, typer.Option("--db", help="The store's URL.")] = None,
    config: Annotated[
        Path | None, typer.Option("--config", help="A TOML file of settings.")
    ] = None,
) -> None:
    """Check the setup and suggest fixes; exit code 1 when something is wrong."""
    if settings:
        _print_settings(as_json=as_json)
        return
    findings = _examine(db=db, config=config)
    if as_json:
        typer.echo(json.dumps({"findings": [asdict(f) for f in findings]}, ensure_ascii=False))
    else:
        if findings:
            typer.echo(_headline(findings))
        for finding in findings:
            typer.echo(f"{_MARKS[finding.level]} {finding.says}\n    {finding.mend}")
        if not findings:
            typer.echo("all is well")
    raise typer.Exit(1 if any(f.level != "note" for f in findings) else 0)


def _headline(findings: Sequence[Finding]) -> str:
    """How much is wrong, and what is worst; findings are in the order of how bad they are."""
    wrong = [finding for finding in findings if finding.level != "note"]
    if not wrong:
        return "Nothing is wrong; good to know:"
    count = "1 problem" if len(wrong) == 1 else f"{len(wrong)} problems, the worst"
    return f"{count}: {wrong[0].says}"


def _examine(**given: Any) -> list[Finding]:
    from service.cli.checks import examine
    from service.cli.checks.finding import Finding
    from service.clock import SystemClock
    from service.errors import ConfigurationError
    from service.settings import read_settings

    try:
        read = read_settings(**given)
    except ConfigurationError as error:
        return [
            Finding(
                code="bad_settings",
                level="error",
                says=str(error),
                mend="giveget doctor --settings",
            )
        ]
    return examine(read, SystemClock().now())


def _print_settings(*, as_json: bool) -> None:
    from service.settings import Settings

    rows = [
        {
            "name": name,
            "environment": f"GIVEGET_{name.upper()}",
            "default": None if field.default is None else _shown(field.default),
            "says": " ".join((field.description or "").split()),
        }
        for name, field in Settings.model_fields.items()
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for row in rows:
        default = "" if row["default"] is None else f" [{row['default']}]"
        typer.echo(f"{row['environment']}{default}\n    {row['says']}")


def _shown(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
