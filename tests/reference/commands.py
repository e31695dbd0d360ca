"""Every command and its options, from the command tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer.main

from service.cli.app import app
from tests.reference.markdown import code, page, table


def tree(command: Any = None, path: str = "giveget") -> Iterator[tuple[str, Any]]:
    """Every command that does something, under its whole name."""
    command = command or typer.main.get_command(app)
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, inner in command.commands.items():
        yield from tree(inner, f"{path} {name}")


def commands() -> str:
    """The page."""
    parts = []
    for path, command in tree():
        if command.hidden:
            continue
        parts += [f"## {path}", " ".join((command.help or "").split())]
        rows = [_row(each) for each in command.params if each.name != "help"]
        if rows:
            parts.append(table(["takes", "says"], rows))
    return page("Commands", "`giveget --help` and each command's `--help` say the same.", *parts)


def _row(given: Any) -> tuple[str, str]:
    if given.param_type_name == "argument":
        name = given.name.upper()
    else:
        name = ", ".join((*given.opts, *given.secondary_opts))
    return code(name), getattr(given, "help", None) or ""
