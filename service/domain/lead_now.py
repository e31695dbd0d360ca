"""A lead as it stands now, in the words that other tools are told: no SQL, nothing of one tool."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceNow:
    """Where a lead stands in the work of reps."""

    rep: str | None
    """The rep's id; None in the pool, which is anybody's."""
    rep_email: str | None
    state: str
    """waiting, held (a rep has it now) or snoozed."""
    rank: int | None
    """1 comes next; None beyond the first `RANKED`, in the pool, and while it is snoozed."""
    due_at: datetime
    entered_at: datetime
    claim: str | None
    """The claim that holds it."""
    until: datetime | None
    """The end of its lease or of its snooze."""


RANKED = 100
"""How many places of each rep's queue have a rank: nobody looks further down in a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferNow:
    """An offer of a lead."""

    id: str
    number: int
    code: str | None
    state: str
    is_open: bool
    """Whether it can still be taken, or paid."""
    sentence: str
    """The trade in words."""
    link: str
    """Its page in the console, for who is signed in there; never the customer's own page."""
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadNow:
    """A lead. Of one that was erased there is only `is_erased`, `id` and `ids`.

    Of one that objects to profiling there is no grade, probability or reason.
    """

    id: str
    ids: tuple[str, ...] = ()
    """What the tool that is told calls it: its `external_ids` under the connector's name."""
    is_erased: bool = False
    link: str = ""
    """Its page in the console."""
    email: str | None = None
    takes_mail: bool = True
    """False: the person wants no mail."""
    takes_calls: bool = True
    """False: the person wants no calls, or the number is somebody else's."""
    lane: str = ""
    grade: str | None = None
    probability: float | None = None
    reasons: tuple[str, ...] = ()
    """The strongest first, each in words with its points."""
    outcome: str | None = None
    """How it ended; None while it is open."""
    place: PlaceNow | None = None
    offers: tuple[OfferNow, ...] = ()
    """The oldest first."""

    @property
    def open_offer(self) -> OfferNow | None:
        """The newest that is open."""
        return next((offer for offer in reversed(self.offers) if offer.is_open), None)
