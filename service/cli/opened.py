"""The service on a store, for a command that looks into it or changes something."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from service.cli.fail import fail

if TYPE_CHECKING:
    from service.runtime import Runtime


@contextmanager
def opened(
    db: str | None, *, without: tuple[str, ...] = (), makes: bool = False
) -> Iterator[Runtime]:
    """The parts on a store; what cannot be opened, or is refused, ends the command in a sentence.

    `without` names settings a command has no use for, `model` or `policy`, so that a broken one
    does not stop it. Only one that `makes` a store may find none: to look for something in a new
    one is to have named the wrong file.
    """
    from service.app import build_runtime
    from service.errors import ConfigurationError, Refusal
    from service.settings import read_settings

    try:
        settings = read_settings(db=db).model_copy(update=dict.fromkeys(without))
        if not makes:
            refuse_none(settings.db)
        runtime = build_runtime(settings)
    except (ConfigurationError, Refusal) as error:
        fail(str(error))
    try:
        yield runtime
    except Refusal as error:
        fail(error.detail)
    finally:
        runtime.store.close()


def refuse_none(db: str) -> None:
    """End the command where a store's URL names a file that is not there.

    Raises ConfigurationError for what is no URL of a store.
    """
    from service.db.engines import read_url

    url = read_url(db)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        fail(f"there is no store at {url.database}: name yours with --db or GIVEGET_DB")
