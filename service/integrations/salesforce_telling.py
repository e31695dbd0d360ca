"""What Salesforce is told of a lead: our fields of its records, opt-outs, a task for its rep.

Fields of ours are cleared where there is nothing to say. An opt-out is only ever set. A task is
made for each stay in a rep's queue and closed with it; a rep who finishes it ends the claim.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from service.domain.lead_now import LeadNow, PlaceNow
from service.domain.lead_record import time_text
from service.domain.salesforce_fields import FIELDS, named
from service.integrations.contract import Message, Outcome, Setup, Telling
from service.integrations.http import ToolBusy, ToolRefused
from service.integrations.salesforce import OURS, PEOPLE
from service.integrations.salesforce_client import BUSY, GONE, Salesforce, Saved
from service.integrations.salesforce_ids import full_id, kind_of

RECORD, TASK = "record", "task"
_SUBJECT, _TEXT = 255, 2000


class Connector:
    """One org that is told; it sends nothing, since it is polled (`jobs/poll_salesforce.py`)."""

    at_a_time = 100

    def __init__(self, setup: Setup) -> None:
        self._client: Salesforce | None = setup.client
        self._names = named(setup.settings.salesforce_fields)
        self._closed = setup.settings.salesforce_closed_status
        self.is_told = self._client is not None

    def to_tell(self, lead: LeadNow) -> Sequence[Message]:
        """Our fields of each of its records, and the task of the rep whose queue it is in."""
        ids = records_of(lead)
        fields = self._fields(lead)
        messages = [Message(what=RECORD, subject=id, body={"fields": fields}) for id in ids]
        task = task_of(lead, ids)
        is_over = not task["is_open"]
        return [*messages, Message(what=TASK, subject=lead.id, body=task, takes_back=is_over)]

    async def tell(self, due: Sequence[Telling]) -> Sequence[Outcome]:
        """Write records, 200 a call, or make and close tasks."""
        assert self._client is not None
        if due[0].message.what == RECORD:
            return await _write(self._client, due)
        return await _Tasks(self._client, self._closed).tell(due)

    def _fields(self, lead: LeadNow) -> dict[str, Any]:
        said = {} if lead.is_erased else values_of(lead)
        fields = {name: said.get(word) for word, name in self._names.items()}
        if not lead.is_erased and not lead.takes_mail:
            fields["HasOptedOutOfEmail"] = True
        if not lead.is_erased and not lead.takes_calls:
            fields["DoNotCall"] = True
        return fields


def records_of(lead: LeadNow) -> list[str]:
    """A lead's records there: its contacts before what they were as leads."""
    ids = dict.fromkeys(full_id(id) for id in lead.ids)
    found = [id for id in ids if id is not None and kind_of(id) in PEOPLE]
    return sorted(found, key=lambda id: (kind_of(id) != "Contact", id))


def values_of(lead: LeadNow) -> dict[str, Any]:
    """What our fields say, by our words for them; None clears one."""
    place, offer = lead.place, lead.open_offer
    chance = None if lead.probability is None else round(100 * lead.probability, 2)
    said: dict[str, Any] = {
        "grade": lead.grade,
        "score": chance,
        "reasons": "\n".join(lead.reasons) or None,
        "lane": lead.lane or None,
        "rank": None if place is None else place.rank,
        "due": None if place is None else time_text(place.due_at.replace(microsecond=0)),
        "offer": None if offer is None else offer.sentence,
        "offer_link": None if offer is None else offer.link,
        "link": lead.link or None,
    }
    return {word: _cut(value, FIELDS[word].length) for word, value in said.items()}


def task_of(lead: LeadNow, ids: Sequence[str]) -> dict[str, Any]:
    """The task that a lead's rep should have there now; a closed one where there is none."""
    place = lead.place
    if (
        lead.is_erased
        or not ids
        or place is None
        or place.rep_email is None
        or place.state == "snoozed"
    ):
        return {"is_open": False}
    grade = f" ({lead.grade})" if lead.grade else ""
    offer = lead.open_offer
    text = [*lead.reasons, *([f"Offer: {offer.sentence}"] if offer else []), lead.link]
    return {
        "is_open": True,
        "entered": time_text(place.entered_at),
        "who": ids[0],
        "owner": place.rep_email,
        "subject": _cut(f"{OURS} call{grade}", _SUBJECT),
        "text": _cut("\n".join(text), _TEXT),
        "date": _day(place),
    }


def _day(place: PlaceNow) -> str:
    return place.due_at.date().isoformat()


def _cut(value: Any, length: int | None) -> Any:
    if not isinstance(value, str) or length is None or len(value) <= length:
        return value
    return f"{value[: length - 1]}…"


async def _write(client: Salesforce, due: Sequence[Telling]) -> Sequence[Outcome]:
    """Write records, those of one object together: a call takes ten turns of objects at most."""
    by_kind = sorted(range(len(due)), key=lambda at: (kind_of(due[at].message.subject) or "", at))
    records = [
        (kind_of(due[at].message.subject) or "", due[at].message.subject, _body(due[at])["fields"])
        for at in by_kind
    ]
    saved = await client.write(records)
    outcomes: list[Outcome] = [None] * len(due)
    for at, one in zip(by_kind, saved, strict=True):
        outcomes[at] = outcome_of(one)
    return outcomes


def outcome_of(saved: Saved) -> Outcome:
    """How one record ended, by its documented code.

    What may go better later is tried again; a record that is gone is left alone; what the org
    refuses is named, with its fields, and waits for an admin.
    """
    if saved.code is None or saved.code in GONE:
        return None
    if saved.code in BUSY:
        return ToolBusy(saved.code)
    fields = f": {', '.join(saved.fields)}" if saved.fields else ""
    return ToolRefused(f"{saved.code}{fields}"[:200], 200, saved.code)


def _body(one: Telling) -> Mapping[str, Any]:
    return one.message.body


def _kept(one: Telling) -> Mapping[str, Any]:
    return one.kept or {}


class _Tasks:
    """Tasks as they should be: made once for a stay in a queue, kept up, closed at its end."""

    def __init__(self, client: Salesforce, closed: str) -> None:
        self._client, self._closed = client, closed
        self._outcomes: dict[int, Outcome] = {}

    async def tell(self, due: Sequence[Telling]) -> Sequence[Outcome]:
        """An outcome for each; what is kept is the task's id, its stay, and whether it is open."""
        wanted = [(at, one) for at, one in enumerate(due) if _body(one)["is_open"]]
        users = await self._client.users_with([_body(one)["owner"] for _, one in wanted])
        making: list[tuple[int, Telling]] = []
        changing: list[tuple[int, str, dict[str, Any], Mapping[str, Any] | None]] = []
        for at, one in wanted:
            if _body(one)["owner"].casefold() not in users:
                self._outcomes[at] = ToolRefused("no_active_user_with_the_mail_of_the_rep", 200)
            elif _is_of(one):
                fields = _fields_of(_body(one), users)
                changing.append((at, str(_kept(one)["task"]), fields, None))
            else:
                making.append((at, one))
        closing = [(at, one) for at, one in enumerate(due) if _ends(one)]
        changing += [(at, str(_kept(one)["task"]), self._ended, _over(one)) for at, one in closing]
        if making:
            people = [_body(one)["who"] for _, one in making]
            there = await self._client.open_tasks(people, OURS)  # a try whose answer was lost
            found = [
                (at, one, there[_body(one)["who"]]) for at, one in making if _is_there(one, there)
            ]
            changing += [
                (at, task, _fields_of(_body(one), users), _open(one, task))
                for at, one, task in found
            ]
            making = [(at, one) for at, one in making if not _is_there(one, there)]
        await self._change(changing)
        await self._make(making, users)
        return [self._outcomes.get(at) for at in range(len(due))]

    @property
    def _ended(self) -> dict[str, Any]:
        return {"Status": self._closed}

    async def _change(
        self, changing: Sequence[tuple[int, str, dict[str, Any], Mapping[str, Any] | None]]
    ) -> None:
        if not changing:
            return
        saved = await self._client.write([("Task", id, fields) for _, id, fields, _ in changing])
        for (at, _, _, kept), one in zip(changing, saved, strict=True):
            outcome = outcome_of(one)
            self._outcomes[at] = kept if outcome is None else outcome

    async def _make(self, making: Sequence[tuple[int, Telling]], users: Mapping[str, str]) -> None:
        if not making:
            return
        bodies = [
            _fields_of(_body(one), users) | {"WhoId": _body(one)["who"], "TaskSubtype": "Call"}
            for _, one in making
        ]
        for (at, one), saved in zip(making, await self._client.create("Task", bodies), strict=True):
            made = saved.id is not None
            self._outcomes[at] = _open(one, str(saved.id)) if made else outcome_of(saved)


def _is_of(one: Telling) -> bool:
    """Whether the task that is kept is of the stay that is told."""
    kept = _kept(one)
    return kept.get("is_open") is True and kept.get("entered") == _body(one)["entered"]


def _is_there(one: Telling, there: Mapping[str, str]) -> bool:
    return _body(one)["who"] in there


def _ends(one: Telling) -> bool:
    return not _body(one)["is_open"] and _kept(one).get("is_open") is True


def _open(one: Telling, task: str) -> Mapping[str, Any]:
    return {"task": task, "entered": _body(one)["entered"], "is_open": True}


def _over(one: Telling) -> Mapping[str, Any]:
    return {**_kept(one), "is_open": False}


def _fields_of(body: Mapping[str, Any], users: Mapping[str, str]) -> dict[str, Any]:
    return {
        "Subject": body["subject"],
        "Description": body["text"],
        "ActivityDate": body["date"],
        "OwnerId": users[body["owner"].casefold()],
    }
