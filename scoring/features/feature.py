"""A feature: a name, a caption a rep understands, and a rule over one lead at one moment.

To add one, write it into the `FEATURES` of the theme's file in this folder. Nothing else needs
to know: it is trained, served, explained and tested from there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from scoring.contact import Contact
from scoring.leads.columns import Kind
from scoring.leads.counters import Counters
from scoring.leads.lead import Lead

Group = Literal["fit", "engagement"]
"""`fit` is who they are (the grade's letter), `engagement` what they do (its digit)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """All a feature may look at: a lead, its contact facts and counters as of `now`."""

    lead: Lead
    contact: Contact
    counters: Counters | None
    now: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One column of the model; `value` answers `None` where nothing is known."""

    name: str
    caption: str
    group: Group
    kind: Kind
    value: Callable[[Moment], float | str | None]
    counted: Callable[[Counters], float | None] | None = None
    """The value from the counters alone, or None; its operators accept numbers and arrays."""
