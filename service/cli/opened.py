"""The service on a store, for a command that looks into it or changes something."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from service.cli.fail import fail

if TYPE_CHECKING:
    from service.runtime import Runtime


@contextmanager
def opened(db: str | None, *, without: tuple[str, ...] = ()) -> Iterator[Runtime]:
    """The parts on a store; what cannot be opened, or is refused, ends the command in a sentence.

    `without` names settings a command has no use for, `model` or `policy`, so that a broken one
    does not stop it.
    """
    from service.app import build_runtime
    from service.errors import ConfigurationError, Refusal
    from service.settings import read_settings

    try:
        settings = read_settings(db=db).model_copy(update=dict.fromkeys(without))
        runtime = build_runtime(settings)
    except (ConfigurationError, Refusal) as error:
        fail(str(error))
    try:
        yield runtime
    except Refusal as error:
        fail(error.detail)
    finally:
        runtime.store.close()
