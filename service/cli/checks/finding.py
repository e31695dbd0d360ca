"""One thing that is wrong with a set-up, and what mends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, and what mends it."""

    code: str
    level: Level
    says: str
    mend: str
