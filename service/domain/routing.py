"""Whose lead it is: the account's rep, else the eligible one with the least on the desk. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from zlib import crc32

from service.domain.working_hours import Absence, WorkingHours, is_at_work, next_at_work, week_of


@dataclass(frozen=True, slots=True, kw_only=True)
class RepDesk:
    """One rep as routing sees them; an empty tuple covers everything."""

    id: str
    languages: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    capacity: int
    available: bool
    claimed_today: int = 0
    load_minor: int = 0
    """The expected gain of what waits in their queue and of what they took today: the load that
    is shared fairly, so that who works quickly is not given everything."""
    hours: WorkingHours | None = None
    absences: tuple[Absence, ...] = ()

    def week(self, team_hours: WorkingHours | None) -> WorkingHours | None:
        """When they work: their own hours, else the team's, less their days off."""
        return week_of(self.hours, team_hours, self.absences)

    @property
    def has_room(self) -> bool:
        """Whether the day's capacity is not used up."""
        return self.claimed_today < self.capacity


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a lead needs of a rep; None is unknown and rules nobody out."""

    language: str | None
    country: str | None
    segment: str | None
    account_rep: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """When a lead is given to a rep, and until when it should have been answered."""

    now: datetime
    answer_by: datetime
    """By a clock that never stops."""
    team_hours: WorkingHours | None = None
    """Of reps who have none of their own."""

    def soonest(self, reps: Sequence[RepDesk]) -> Sequence[RepDesk]:
        """The reps at work; else those at work before an answer is due; else all of them."""
        weeks = [rep.week(self.team_hours) for rep in reps]
        at_work = [rep for rep, week in zip(reps, weeks, strict=True) if is_at_work(self.now, week)]
        if at_work:
            return at_work
        starts = (next_at_work(self.now, week) for week in weeks)
        in_time = [rep for rep, start in zip(reps, starts, strict=True) if start <= self.answer_by]
        return in_time or reps


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The rep found, or why there is none."""

    rep: str | None
    no_rep_because: str | None = None


def find_rep(
    needs: Needs,
    reps: Sequence[RepDesk],
    *,
    tie: str,
    passed_by: Collection[str] = (),
    clock: Clock | None = None,
) -> Route:
    """The rep for a lead, none of those who let it wait before.

    Reps at work come first, then those whose day begins before an answer is due, then who is
    left. Ties are broken by `tie` (the lead's reference), so not always to one.
    """
    if not reps:
        return Route(rep=None, no_rep_because="no_reps")
    present = [rep for rep in reps if rep.available and rep.id not in passed_by]
    if not present:
        return Route(rep=None, no_rep_because="none_available")
    if needs.account_rep is not None:
        owner = next((rep for rep in present if rep.id == needs.account_rep), None)
        if owner is not None and owner.has_room:
            return Route(rep=owner.id)
    matching = [rep for rep in present if covers(rep, needs)]
    if not matching:
        return Route(rep=None, no_rep_because="none_covers")
    eligible: Sequence[RepDesk] = [rep for rep in matching if rep.has_room]
    if not eligible:
        return Route(rep=None, no_rep_because="none_has_room")
    if clock is not None:
        eligible = clock.soonest(eligible)
    least = min(rep.load_minor for rep in eligible)
    equal = sorted(rep.id for rep in eligible if rep.load_minor == least)
    return Route(rep=equal[_spread(tie) % len(equal)])


def speaks(rep: RepDesk, language: str | None) -> bool:
    """Whether a rep speaks a language; None asks for none."""
    return _takes(rep.languages, language)


def covers(rep: RepDesk, needs: Needs) -> bool:
    """Whether a rep speaks the language and has the country and the segment."""
    return (
        _takes(rep.languages, needs.language)
        and _takes(rep.countries, needs.country)
        and _takes(rep.segments, needs.segment)
    )


def uncovered(needs: Needs, reps: Sequence[RepDesk]) -> tuple[str, ...]:
    """What of a lead's needs no available rep covers; where each is covered, but not by one rep
    together, all of them. Empty where somebody covers everything, and where nobody is available.
    """
    present = [rep for rep in reps if rep.available]
    if not present or any(covers(rep, needs) for rep in present):
        return ()
    needed = {
        "language": (needs.language, [rep.languages for rep in present]),
        "country": (needs.country, [rep.countries for rep in present]),
        "segment": (needs.segment, [rep.segments for rep in present]),
    }
    alone = [
        name
        for name, (need, covered) in needed.items()
        if not any(_takes(each, need) for each in covered)
    ]
    return tuple(alone or [name for name, (need, _) in needed.items() if need is not None])


def desk_of(reps: Sequence[RepDesk], rep: str | None) -> RepDesk | None:
    """One rep's desk."""
    return next((desk for desk in reps if desk.id == rep), None)


def is_explored_by_draw(ref: str, share: float) -> bool:
    """Whether a lead falls into a random share: by its reference, so the same whenever asked."""
    digest = blake2b(ref.encode("utf-8"), digest_size=8, person=b"exploration").digest()
    return int.from_bytes(digest, "big") < share * 2**64


def _takes(covered: tuple[str, ...], need: str | None) -> bool:
    return not covered or need is None or need in covered


def _spread(tie: str) -> int:
    """A number that differs between leads and is the same in every process."""
    return crc32(tie.encode("utf-8"))
