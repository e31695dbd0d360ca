"""Every code that an answer may carry, and what to do about it: `service/lists/problems.toml`.

To add a code: its line there; `tests/docs/test_reference.py` finds one that is raised and not
listed, and one that is listed and never raised.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemCode:
    """What a problem's `code` means."""

    code: str
    status: tuple[int, ...]
    means: str
    mend: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """All codes: of problems, of the `errors` of one, and of the `warnings` of an answer."""

    problems: Mapping[str, ProblemCode]
    fields: Mapping[str, str]
    warnings: Mapping[str, str]

    @property
    def statuses(self) -> list[int]:
        """Every status that a problem comes with."""
        return sorted({status for one in self.problems.values() for status in one.status})


@cache
def catalogue() -> Catalogue:
    """The shipped list."""
    text = files("service").joinpath("lists/problems.toml").read_text(encoding="utf-8")
    told = tomllib.loads(text)
    problems = {
        code: ProblemCode(
            code=code, status=tuple(one["status"]), means=one["means"], mend=one["mend"]
        )
        for code, one in told["problems"].items()
    }
    return Catalogue(problems=problems, fields=told["fields"], warnings=told["warnings"])
