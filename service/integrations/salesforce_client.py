"""The few calls of Salesforce's REST API that are needed.

By hand over httpx, not by `simple-salesforce`: that one waits (`requests`), takes no deadline for a
whole call, signs in by itself but does not sign in anew when a session ends, and brings lxml and
zeep for SOAP; our pacing, our masked notes of calls and our retries would stay outside of it. The
tests' server is checked against it all the same (tests/support/salesforce_server.py).

Pages: developer.salesforce.com/docs/platform/api-rest, "Execute a SOQL Query that Includes Deleted
Items", "sObject Collections", "sObject Describe", "Status Codes and Error Responses";
help.salesforce.com, "OAuth 2.0 Client Credentials Flow for Server-to-Server Integration".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from service.integrations.http import Api, ToolBusy, ToolRefused
from service.integrations.inbound import text_of
from service.integrations.salesforce import ASKED, PEOPLE, Person, Row, Task, read_row
from service.integrations.salesforce_ids import full_id
from service.settings import Settings

AT_ONCE = 200
"""Records that one call of sObject Collections takes."""
NAMED_AT_ONCE = 50
"""Ids or addresses that one query names: it travels in the address, of 16,384 bytes at most."""
_NEXT = re.compile(r"/services/data/v\d{2,3}\.\d/query(All)?/[A-Za-z0-9-]{1,80}")
_LIMIT_WAIT_SECONDS = 900
"""The limit of API calls is of any 24 hours: asked again four times an hour."""
BUSY = frozenset(
    (
        *("UNABLE_TO_LOCK_ROW", "DUPLICATES_DETECTED", "REQUEST_LIMIT_EXCEEDED"),
        *("SERVER_UNAVAILABLE", "QUERY_TIMEOUT", "INVALID_QUERY_LOCATOR", "UNKNOWN_EXCEPTION"),
    )
)
"""What may go better later, by its documented code."""
GONE = frozenset(
    (
        *("ENTITY_IS_DELETED", "NOT_FOUND", "CANNOT_UPDATE_CONVERTED_LEAD"),
        "INVALID_CROSS_REFERENCE_KEY",
    )
)
"""A record that nothing can be written to any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Rows of a query, and where the next ones are."""

    rows: Sequence[Row]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What became of one record that was written: its id, or the code and the fields at fault."""

    id: str | None
    code: str | None = None
    fields: tuple[str, ...] = ()


class Salesforce:
    """One org, as the user that its app runs as."""

    def __init__(self, settings: Settings) -> None:
        assert settings.salesforce_url is not None
        assert settings.salesforce_client_id is not None
        assert settings.salesforce_client_secret is not None
        self._sign_in = {
            "grant_type": "client_credentials",
            "client_id": settings.salesforce_client_id,
            "client_secret": settings.salesforce_client_secret,
        }
        self._api = Api(
            settings.salesforce_url,
            {},
            calls_per_second=settings.salesforce_calls_per_second,
            timeout_seconds=settings.salesforce_timeout_seconds,
        )
        self._data = f"/services/data/v{settings.salesforce_api_version}"
        self._token: str | None = None

    async def changed(self, kind: str, since: datetime, after: tuple[datetime, str] | None) -> Page:
        """What changed since a moment, or after a row, the longest ago first; deleted ones too."""
        where = f"SystemModstamp >= {_time(since)}"
        if after is not None:
            at, id = _time(after[0]), _text(after[1])
            where = f"(SystemModstamp > {at} OR (SystemModstamp = {at} AND Id > {id}))"
        soql = _soql(kind, ASKED[kind], where, "SystemModstamp, Id")
        return _page(kind, await self._query(soql, is_all=True))

    async def more(self, kind: str, next: str) -> Page:
        """The page after one."""
        return _page(kind, await self._call("GET", next))

    async def people_with(self, emails: Sequence[str]) -> list[Person]:
        """The leads and contacts that have these addresses."""
        found: list[Person] = []
        for kind in PEOPLE:
            for named in _lists(emails):
                soql = _soql(kind, ASKED[kind], f"Email IN {named}")
                found += [row for row in await self._all(kind, soql) if isinstance(row, Person)]
        return found

    async def tasks_of(self, people: Sequence[str], since: datetime) -> list[Task]:
        """The done tasks about these people that changed since a moment."""
        found: list[Task] = []
        for named in _lists(people):
            where = f"WhoId IN {named} AND IsClosed = true AND SystemModstamp >= {_time(since)}"
            soql = _soql("Task", ASKED["Task"], where)
            found += [row for row in await self._all("Task", soql) if isinstance(row, Task)]
        return found

    async def open_deals(self, contacts: Sequence[str]) -> dict[str, bool]:
        """Of each contact whether one of its opportunities is open."""
        is_open = dict.fromkeys(contacts, False)
        for named in _lists(contacts):
            where = f"ContactId IN {named} AND Opportunity.IsClosed = false"
            for row in await self._rows(_soql("OpportunityContactRole", ("ContactId",), where)):
                contact = full_id(text_of(row, "ContactId"))
                if contact in is_open:
                    is_open[contact] = True
        return is_open

    async def users_with(self, emails: Sequence[str]) -> dict[str, str]:
        """The active users of these addresses, by address in small letters."""
        found: dict[str, str] = {}
        for named in _lists(emails):
            where = f"IsActive = true AND Email IN {named}"
            for row in await self._rows(_soql("User", ("Id", "Email"), where, "Id")):
                id, email = full_id(text_of(row, "Id")), text_of(row, "Email")
                if id is not None and email is not None:
                    found.setdefault(email.casefold(), id)
        return found

    async def open_tasks(self, people: Sequence[str], subject: str) -> dict[str, str]:
        """The newest open task of each person whose subject begins so, by the person."""
        found: dict[str, str] = {}
        for named in _lists(people):
            begins = _text(f"{subject}%")
            where = f"WhoId IN {named} AND IsClosed = false AND Subject LIKE {begins}"
            for row in await self._rows(_soql("Task", ("Id", "WhoId"), where, "CreatedDate, Id")):
                who, id = full_id(text_of(row, "WhoId")), full_id(text_of(row, "Id"))
                if who is not None and id is not None:
                    found[who] = id
        return found

    async def write(self, records: Sequence[tuple[str, str, Mapping[str, Any]]]) -> list[Saved]:
        """Set fields of records, told by object and id; what became of each."""
        bodies = [
            {"attributes": {"type": kind}, "id": id} | dict(fields) for kind, id, fields in records
        ]
        return await self._collection("PATCH", bodies)

    async def create(self, kind: str, records: Sequence[Mapping[str, Any]]) -> list[Saved]:
        """Make records of an object; what became of each."""
        bodies = [{"attributes": {"type": kind}} | dict(fields) for fields in records]
        return await self._collection("POST", bodies)

    async def describe(self, kind: str) -> dict[str, Mapping[str, Any]]:
        """The fields of an object that our user sees, by name."""
        told = await self._call("GET", f"{self._data}/sobjects/{kind}/describe")
        fields = told.get("fields") if isinstance(told, Mapping) else None
        if not isinstance(fields, list):
            raise ToolBusy("answer_unreadable")
        return {str(field["name"]): field for field in fields}

    async def look(self) -> None:
        """Read as little as there is, to see that we are let in."""
        await self._query("SELECT Id FROM Lead LIMIT 1")

    async def _collection(self, method: str, bodies: Sequence[Mapping[str, Any]]) -> list[Saved]:
        saved: list[Saved] = []
        for start in range(0, len(bodies), AT_ONCE):
            part = bodies[start : start + AT_ONCE]
            answer = await self._call(
                method,
                f"{self._data}/composite/sobjects",
                json={"allOrNone": False, "records": part},
                headers={"Sforce-Duplicate-Rule-Header": "allowSave=true"},
            )
            if not isinstance(answer, list) or len(answer) != len(part):
                raise ToolBusy("answer_unreadable")
            saved += map(_saved, answer)
        return saved

    async def _all(self, kind: str, soql: str) -> list[Row]:
        page = _page(kind, await self._query(soql))
        rows = list(page.rows)
        while page.next is not None:
            page = await self.more(kind, page.next)
            rows += page.rows
        return rows

    async def _rows(self, soql: str) -> list[Mapping[str, Any]]:
        answer = await self._query(soql)
        rows, next = _read(answer)
        while next is not None:
            more, next = _read(await self._call("GET", next))
            rows += more
        return rows

    async def _query(self, soql: str, *, is_all: bool = False) -> Any:
        path = f"{self._data}/{'queryAll' if is_all else 'query'}"
        return await self._call("GET", path, query={"q": soql})

    async def _call(self, method: str, path: str, **given: Any) -> Any:
        """The answer; a session that ended is begun anew, once."""
        if self._token is None:
            self._token = await self._new_token()
        try:
            return await self._ask(method, path, **given)
        except ToolRefused as error:
            if error.status != 401:
                raise
        self._token = await self._new_token()
        return await self._ask(method, path, **given)

    async def _ask(self, method: str, path: str, **given: Any) -> Any:
        headers = {"Authorization": f"Bearer {self._token}"} | (given.pop("headers", None) or {})
        try:
            return await self._api.call(method, path, headers=headers, **given)
        except ToolRefused as error:
            if error.code == "REQUEST_LIMIT_EXCEEDED":
                raise ToolBusy(error.code, _LIMIT_WAIT_SECONDS) from None
            if error.code in BUSY:
                raise ToolBusy(error.code) from None
            raise ToolRefused(error.code or str(error), error.status, error.code) from None

    async def _new_token(self) -> str:
        try:
            told = await self._api.call(
                "POST", "/services/oauth2/token", form=self._sign_in, is_secret=True
            )
        except ToolRefused as error:
            said = f"sign_in_refused {error.code}".strip()
            raise ToolRefused(said, error.status, error.code) from None
        token = told.get("access_token") if isinstance(told, Mapping) else None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise ToolBusy("answer_unreadable")
        return token


def _page(kind: str, answer: Any) -> Page:
    rows, next = _read(answer)
    return Page(rows=[read_row(kind, row) for row in rows], next=next)


def _read(answer: Any) -> tuple[list[Mapping[str, Any]], str | None]:
    """The rows of an answer and where the next are. Raises ToolBusy for half an answer."""
    rows = answer.get("records") if isinstance(answer, Mapping) else None
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise ToolBusy("answer_unreadable")
    if answer.get("done") is True:
        return rows, None
    next = answer.get("nextRecordsUrl")
    if not isinstance(next, str) or not _NEXT.fullmatch(next):  # it is called with our token
        raise ToolBusy("answer_unreadable")
    return rows, next


def _saved(answer: Any) -> Saved:
    if not isinstance(answer, Mapping):
        raise ToolBusy("answer_unreadable")
    id = answer.get("id")
    if answer.get("success") is True and isinstance(id, str):
        return Saved(id=full_id(id) or id)
    errors = answer.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else {}
    fields = first.get("fields") if isinstance(first, Mapping) else None
    named = tuple(map(str, fields)) if isinstance(fields, list) else ()
    code = first.get("statusCode") if isinstance(first, Mapping) else None
    return Saved(id=None, code=str(code or "UNKNOWN_EXCEPTION")[:80], fields=named)


def _time(at: datetime) -> str:
    """A time as SOQL writes it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _text(value: str) -> str:
    """A text as SOQL writes it: quotes and backslashes are escaped."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped.replace(chr(10), ' ').replace(chr(13), ' ')}'"


def _soql(kind: str, fields: Sequence[str], where: str, order: str | None = None) -> str:
    """A query; values in its conditions are written by `_text` and `_time`."""
    parts = ["SELECT", ", ".join(fields), "FROM", kind, "WHERE", where]
    return " ".join(parts if order is None else [*parts, "ORDER BY", order])


def _lists(values: Sequence[str]) -> list[str]:
    """Each value once, as lists that a query takes; none where there are none."""
    once = list(dict.fromkeys(values))
    parts = (once[start : start + NAMED_AT_ONCE] for start in range(0, len(once), NAMED_AT_ONCE))
    return [f"({', '.join(map(_text, part))})" for part in parts]
