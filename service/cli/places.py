"""Arguments that name a table: a file, a folder of Parquet, or a URL of DuckDB or PostgreSQL."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec, TypeVar

import typer

from service.cli.fail import fail, refusals

if TYPE_CHECKING:
    from service.warehouse.delivery import Delivery, If

P = ParamSpec("P")
T = TypeVar("T")
TABLE = "or a folder of Parquet, or duckdb:///FILE?table=NAME, postgresql://…?table=NAME, env:NAME"
_OPTION_OF = {"leads": "LEADS", "file": "FILE"}
Replace = Annotated[
    bool, typer.Option("--replace", help="Replace whole what is there, also if it is not ours.")
]
Append = Annotated[
    bool,
    typer.Option("--append", help="Add to our table; rows it has already take their new values."),
]


def as_given(text: str) -> Any:
    """An argument that `local_files` makes a path of: a URL's slashes are lost in one."""
    return text


@contextmanager
def local_file(given: object, option: str) -> Iterator[Path]:
    """A path to read the table from; that of a database is a copy for as long as the block lasts.

    Raises `DataError`.
    """
    from service.warehouse.places import read_place
    from service.warehouse.tables import reading

    with reading(read_place(str(given), option=option)) as path:
        yield path


def local_files(*names: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Let a command take its arguments of these names from any place, and see paths only."""

    def wrap(command: Callable[P, T]) -> Callable[P, T]:
        @functools.wraps(command)
        def run(*arguments: P.args, **given: P.kwargs) -> T:
            with refusals(), ExitStack() as stack:
                for name in names:
                    if given.get(name) is not None:
                        given[name] = stack.enter_context(
                            local_file(given[name], _OPTION_OF.get(name, f"--{name}"))
                        )
                return command(*arguments, **given)
            raise AssertionError("a refusal ends the command")

        return run

    return wrap


def delivery_of(what: str, key: str, *, replace: bool, append: bool) -> Delivery:
    """What is written, and what may happen to a table that is there."""
    from service.warehouse.delivery import Delivery

    if replace and append:
        fail("--replace and --append exclude each other; name one")
    if_there: If = "replace" if replace else "append" if append else "ours"
    return Delivery(what=what, key=key, if_there=if_there)
