"""What screening calls, a machine's or a person's, mean for a lead. Pure.

The newest call says what is to be done now; what somebody forbade, a number that is another's, a
language and who is not in charge stay until something newer says otherwise. All of a lead's calls
are read together, so late, repeated and reordered ones end alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

from service.domain.lead_record import Record, time_text

Result = Literal[
    "interested",
    "callback",
    "not_interested",
    "wrong_number",
    "no_answer",
    "voicemail",
    "busy",
    "do_not_call",
    "other_language",
    "not_in_charge",
]
RESULTS: tuple[Result, ...] = get_args(Result)
NOBODY_REACHED = ("no_answer", "voicemail", "busy", "wrong_number")
"""Results of a call in which we did not speak with the person."""
_UNANSWERED = ("no_answer", "voicemail", "busy")
"""Nothing was said: what was said before still stands."""
REFUSALS = ("not_interested", "do_not_call")
"""Results that stop what is about to be mailed."""
_A_PERSON_NEXT = ("interested", "callback", "other_language")
_RESTS = {
    "not_interested": timedelta(days=30),
    "do_not_call": timedelta(days=30),
    "not_in_charge": timedelta(days=30),
}
"""How long a lead is left in peace after a result."""
LANGUAGE = "language"
"""The answer that names the language somebody speaks, as `pt` or `pt-BR`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """One call as it is stored."""

    id: str
    result: Result
    at: datetime
    received_at: datetime
    by_machine: bool
    callback_at: datetime | None
    objection: str | None
    answers: dict[str, Any]

    @property
    def is_conversation(self) -> bool:
        """Whether a person of ours spoke with the lead: never when a machine called."""
        return not self.by_machine and self.result not in NOBODY_REACHED

    @property
    def stops_mail(self) -> bool:
        """Whether something was said after which no mail that was decided before may leave."""
        return self.result in REFUSALS or self.objection is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a lead's calls come to; kept in its record."""

    id: str
    result: Result
    at: datetime
    by_machine: bool
    answers: dict[str, Any]
    """Of the newest call, as they stand on the card."""
    callback_at: datetime | None = None
    worked_at: datetime | None = None
    """When a rep last ended work on the lead."""
    forbidden_at: datetime | None = None
    """When they last said not to be called."""
    wrong_number_at: datetime | None = None
    not_in_charge_at: datetime | None = None
    language: str | None = None
    mail_stopped_at: datetime | None = None
    """When we last were told of something that stops mail decided before."""

    @property
    def _is_worked(self) -> bool:
        return self.worked_at is not None and self.worked_at >= self.at

    @property
    def asks_for_person(self) -> bool:
        """Whether a person should call: interested, called back or in another language."""
        return not self._is_worked and self.result in _A_PERSON_NEXT

    @property
    def due_at(self) -> datetime:
        """When that call is due."""
        return self.at if self.callback_at is None else max(self.at, self.callback_at)

    @property
    def rests_until(self) -> datetime | None:
        """Until when the newest call asks to leave the lead in peace."""
        rest = None if self._is_worked else _RESTS.get(self.result)
        return None if rest is None else self.at + rest

    def to_json(self) -> dict[str, Any]:
        """As the record keeps it."""
        told = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: time_text(value) if isinstance(value, datetime) else value
            for name, value in told.items()
        }


_TIMES = (
    *("at", "callback_at", "worked_at", "forbidden_at", "wrong_number_at", "not_in_charge_at"),
    "mail_stopped_at",
)


def heard_from(record: Record) -> Heard | None:
    """What the calls of a record's lead come to, if there were any."""
    kept = record.get("screening")
    if kept is None:
        return None
    times = {name: datetime.fromisoformat(kept[name]) for name in _TIMES if kept[name]}
    return Heard(**(kept | times))


def heard(calls: Iterable[Screening], worked_at: datetime | None) -> Heard | None:
    """What calls come to, in whatever order they were told; `worked_at` is when a rep last ended
    work on the lead."""
    ordered = sorted(calls, key=lambda call: (call.at, call.id))
    if not ordered:
        return None
    telling = [call for call in ordered if call.result not in _UNANSWERED]
    newest = (telling or ordered)[-1]

    def last(*results: str) -> datetime | None:
        return max((call.at for call in ordered if call.result in results), default=None)

    spoken = [
        language_of_answer(call.answers) for call in ordered if call.result == "other_language"
    ]
    return Heard(
        id=newest.id,
        result=newest.result,
        at=newest.at,
        by_machine=newest.by_machine,
        answers=newest.answers,
        callback_at=newest.callback_at if newest.result == "callback" else None,
        worked_at=worked_at,
        forbidden_at=last("do_not_call"),
        wrong_number_at=last("wrong_number"),
        not_in_charge_at=last("not_in_charge"),
        language=next((each for each in reversed(spoken) if each), None),
        mail_stopped_at=max((c.received_at for c in ordered if c.stops_mail), default=None),
    )


def language_of_answer(answers: dict[str, Any]) -> str | None:
    """The language that somebody asked for, as reps' languages are written."""
    told = answers.get(LANGUAGE)
    if not isinstance(told, str) or not told.strip():
        return None
    return told.strip().replace("_", "-").partition("-")[0].lower()


def has_wrong_number(record: Record) -> bool:
    """Whether a call to the lead's number reached somebody else, and no other was told since."""
    told = heard_from(record)
    if told is None or told.wrong_number_at is None:
        return False
    changed = record["known_at"].get("phone")
    return changed is None or datetime.fromisoformat(changed) <= told.wrong_number_at
