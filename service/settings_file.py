"""Reads settings from a TOML file; all mistakes of file and environment come in one message."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_settings import BaseSettings

from service.errors import ConfigurationError

S = TypeVar("S", bound=BaseSettings)
PREFIX = "GIVEGET_"
CONFIG = f"{PREFIX}CONFIG"


def read_file(path: Path) -> dict[str, Any]:
    """The settings a TOML file names. Raises ConfigurationError."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"config: {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"config: {path} is not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"config: {path} is no TOML: {error}") from None


def read_all(kind: type[S], given: Mapping[str, Any]) -> S:
    """`kind` from every source. Raises ConfigurationError with all that is wrong."""
    path = given.get("config") or os.environ.get(CONFIG)
    in_file = read_file(Path(path)) if path else {}
    wrong = [
        _unknown(name, kind.model_fields, f"in {path}")
        for name in in_file
        if name not in kind.model_fields
    ]
    try:
        made = kind(**given)
    except ValidationError as error:
        for problem in error.errors(include_input=False, include_url=False):
            name = str(problem["loc"][0]) if problem["loc"] else "settings"
            wrong.append(f"{name} ({_source(name, given, in_file)}): {problem['msg']}")
        made = None
    if wrong or made is None:
        raise ConfigurationError("settings: " + "; ".join(wrong))
    return made


def unknown_in_environment(names: Iterable[str]) -> list[str]:
    """What is wrong with environment names that look like ours and are none.

    They are no reason not to start: a cluster sets GIVEGET_SERVICE_HOST by itself.
    """
    known = {name.lower() for name in names}
    mine = (name for name in os.environ if name.startswith(PREFIX))
    return [
        _unknown(name.removeprefix(PREFIX).lower(), known, f"as {name} in the environment")
        for name in sorted(mine)
        if name.removeprefix(PREFIX).lower() not in known
    ]


def _source(name: str, given: Mapping[str, Any], in_file: Mapping[str, Any]) -> str:
    if name in given:
        return f"--{name.replace('_', '-')}"
    if name in in_file and f"{PREFIX}{name.upper()}" not in os.environ:
        return "in the file"
    return f"{PREFIX}{name.upper()}"


def _unknown(name: str, known: Iterable[str], where: str) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    meant = f"; did you mean {near[0]}?" if near else ""
    return f"{name} ({where}) is no setting{meant}"
