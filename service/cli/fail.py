"""How a command refuses: one sentence on stderr, and an exit code that means something."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer


def fail(message: str, *, code: int = 2) -> NoReturn:
    """End the command with `message` on stderr; code 2 is the caller's mistake, 1 a bad verdict."""
    typer.echo(f"giveget: {message}", err=True)
    raise typer.Exit(code)


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what scoring refuses into one sentence and exit code 2."""
    from scoring.errors import ScoringError

    try:
        yield
    except ScoringError as error:
        fail(str(error))
