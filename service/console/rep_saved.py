"""What Team says after a rep was saved: the days off, or what becomes of leads without a rep."""

from __future__ import annotations

from datetime import date

from service.console.page_context import PageContext
from service.domain.days import day_in_words
from service.domain.working_hours import Absence, absence_on, ahead, today_of, week_of
from service.store.queue import reps
from service.store.queue.reps import Rep

LEAVE, COVER = "leave", "cover"
_COVER = ("languages", "countries", "segments", "capacity", "available", "paused_at")
_TRIED_AGAIN = (
    "Leads that no rep could take are looked at again now: those that fit move into a queue within"
    " a minute."
)


def changed(before: Rep | None, after: Rep) -> list[str]:
    """What of a rep changed that others notice: days off, whom they take."""
    if before is None:
        return [COVER]
    takes_others = any(getattr(before, name) != getattr(after, name) for name in _COVER)
    found = ((LEAVE, before.absences != after.absences), (COVER, takes_others))
    return [name for name, is_changed in found if is_changed]


def saved_said(look: PageContext) -> str:
    """`Saved. Ben is off 21 December to 4 January: …`, of the address's rep and changes."""
    told = ["Saved."]
    rep = reps.find(look.connection, look.asked.get("rep", ""))
    what = look.asked.get("what", "").split(",")
    if rep is not None and LEAVE in what:
        told.append(_leave(rep, look))
    if COVER in what:
        told.append(_TRIED_AGAIN)
    return " ".join(told)


def span_in_words(off: Absence, today: date, *, month: str = "%B") -> str:
    """`21 December to 4 January 2027`; a day alone as one."""
    days = [day_in_words(day, today, month=month) for day in dict.fromkeys(off)]
    return " to ".join(days)


def days_off_ahead(rep: Rep, look: PageContext) -> tuple[date, list[Absence]]:
    """Today by the clock of a rep's zone, and their days off that are not over, soonest first."""
    week = week_of(rep.hours, look.runtime.settings.hours, rep.absences)
    today = today_of(look.now, week)
    return today, ahead(rep.absences, today)


def _leave(rep: Rep, look: PageContext) -> str:
    today, off = days_off_ahead(rep, look)
    if not off:
        return f"{rep.name} has no days off ahead."
    spans = [span_in_words(each, today) for each in off]
    said = spans[0] if len(spans) == 1 else f"{', '.join(spans[:-1])} and {spans[-1]}"
    begins = "within a minute" if absence_on(rep.absences, today) else "when it starts"
    return (
        f"{rep.name} is off {said}: nothing new comes to them then, and what waits for them goes"
        f" to others {begins}."
    )
