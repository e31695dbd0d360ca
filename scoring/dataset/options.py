"""What the caller said about an export's columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from scoring.features import Group
from scoring.files.reading import Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the caller said about the columns."""

    target: str | None = None
    positive: tuple[str, ...] = ()
    negative: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    id_column: str | None = None
    time_column: str | None = None
    horizon_days: int | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    directions: Mapping[str, int] = field(default_factory=dict)
    """Which way a number's effect is expected to go: 1 up, −1 down."""
    parents: Mapping[str, str] = field(default_factory=dict)
    """What a category is part of: a child's column and its parent's."""
    missing: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    asked: Asked = field(default_factory=Asked)
