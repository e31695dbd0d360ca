"""A Salesforce org on a socket: OAuth, SOQL, sObject Collections, describe.

The shapes are those of developer.salesforce.com/docs/platform/api-rest: "Execute a SOQL Query that
Includes Deleted Items", "QueryAll", "Query More Results", "Create Records Using sObject
Collections", "Update Records Using sObject Collections", "sObject Describe", "Status Codes and
Error Responses"; of the "Object Reference" for Lead, Contact, Task, Opportunity and User; of
help.salesforce.com, "OAuth 2.0 Client Credentials Flow for Server-to-Server Integration"; and of
the status codes of the "SOAP API Developer Guide". Read with `simple-salesforce` 1.12.10 as well.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from service.domain.salesforce_fields import FIELDS
from service.integrations.salesforce_ids import full_id
from tests.support.salesforce_soql import Malformed, Query, ordered, read_query
from tests.support.tool_servers import Answer, Tool

CLIENT_ID, CLIENT_SECRET = "3MVG9.a-consumer-key", "a-consumer-secret-of-ours"
VERSION = "64.0"
_DATA = f"/services/data/v{VERSION}"
_PREFIX = {
    "Lead": "00Q",
    "Contact": "003",
    "Task": "00T",
    "Opportunity": "006",
    "OpportunityContactRole": "00K",
    "User": "005",
    "Account": "001",
}
_SYSTEM = ("Id", "SystemModstamp", "CreatedDate", "IsDeleted")
_PERSON = (
    *("FirstName", "LastName", "Email", "Phone", "Title", "OwnerId", "MasterRecordId"),
    *("HasOptedOutOfEmail", "DoNotCall"),
)
_OWN: Mapping[str, tuple[str, ...]] = {
    "Lead": (
        *(*_PERSON, "Company", "Website", "Country", "State", "Status", "IsConverted"),
        "ConvertedContactId",
    ),
    "Contact": (*_PERSON, "AccountId", "MailingCountry", "MailingState"),
    "Task": (
        *("WhoId", "OwnerId", "Subject", "Status", "Priority", "Type", "TaskSubtype", "CallType"),
        *("CallDisposition", "IsClosed", "CompletedDateTime", "ActivityDate", "Description"),
    ),
    "Opportunity": ("Name", "StageName", "IsClosed", "IsWon"),
    "OpportunityContactRole": ("ContactId", "OpportunityId"),
    "User": ("Email", "IsActive", "Name"),
    "Account": ("Name",),
}
_PARENTS = {"Owner": "OwnerId", "Account": "AccountId", "Opportunity": "OpportunityId"}
_CHILDREN = {"OpportunityContactRoles": ("OpportunityContactRole", "OpportunityId")}
_FLAGS = frozenset(
    ("IsDeleted", "HasOptedOutOfEmail", "DoNotCall", "IsConverted", "IsClosed", "IsActive", "IsWon")
)
_READ_ONLY = frozenset(
    (*_SYSTEM, "MasterRecordId", "IsConverted", "ConvertedContactId", "IsClosed", "IsWon")
)


class SalesforceTool(Tool):
    """One org: its records, its sessions, and what it refuses."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__()
        self.now = now
        self.records: dict[str, dict[str, Any]] = {}
        self.kinds: dict[str, str] = {}
        self.custom = {kind: {field.name for field in FIELDS.values()} for kind in _PREFIX}
        self.hidden: set[str] = set()
        """Fields that our user may not see, `Lead.DoNotCall`."""
        self.read_only: set[str] = set()
        """Fields that our user may only read."""
        self.page_size = 2000
        self.sessions: set[str] = set()
        self.is_over_limit = False
        self.refuses: dict[str, list[tuple[str, list[str]]]] = {}
        """Of a record, status codes with fields to come before it is taken."""
        self._cursors: dict[str, tuple[list[dict[str, Any]], int]] = {}
        self._numbers = itertools.count(1)
        self._touched: list[str] = []

    def put(self, kind: str, id: str | None = None, **fields: Any) -> str:
        """A record as it stands from now on; its id."""
        made = full_id(id) if id else full_id(f"{_PREFIX[kind]}5g{next(self._numbers):010d}")
        assert made is not None
        stamp = _text(self.now())
        new = {"Id": made, "CreatedDate": stamp, "IsDeleted": False}
        record = self.records.setdefault(made, new)
        self.kinds[made] = kind
        if kind == "Task" and fields.get("Status") in ("Completed",):
            fields.setdefault("CompletedDateTime", stamp)
            fields["IsClosed"] = True
        record |= fields | {"SystemModstamp": stamp}
        return made

    def delete(self, id: str, into: str | None = None) -> None:
        """Into the recycle bin, merged into another where one is named."""
        self.put(self.kinds[id], id, IsDeleted=True, MasterRecordId=into)

    def end_sessions(self) -> None:
        """Every token is taken back."""
        self.sessions.clear()

    def written(self, id: str) -> dict[str, Any]:
        """Our own fields of a record."""
        return {name: value for name, value in self.records[id].items() if name.endswith("__c")}

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        if path == "/services/oauth2/token":
            return self._token(body)
        if (self.shown[-1] or "").removeprefix("Bearer ") not in self.sessions:
            return 401, _error("INVALID_SESSION_ID", "Session expired or invalid")
        if self.is_over_limit:
            return 403, _error("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        if path.rstrip("/") in (f"{_DATA}/query", f"{_DATA}/queryAll"):
            return self._query(query.get("q", ""), is_all="queryAll" in path)
        if path.startswith((f"{_DATA}/query/", f"{_DATA}/queryAll/")):
            return self._more(path.rpartition("/")[2])
        if path == f"{_DATA}/composite/sobjects" and method in ("PATCH", "POST"):
            return self._collection(method, body)
        if path.startswith(f"{_DATA}/sobjects/") and path.endswith("/describe"):
            return self._describe(path.split("/")[-2])
        return 404, _error("NOT_FOUND", "The requested resource does not exist")

    def _token(self, form: Mapping[str, str]) -> Answer:
        if form.get("grant_type") != "client_credentials":
            return 400, {"error": "unsupported_grant_type", "error_description": "grant type"}
        if form.get("client_id") != CLIENT_ID:
            return 400, {"error": "invalid_client_id", "error_description": "client identifier"}
        if form.get("client_secret") != CLIENT_SECRET:
            return 400, {"error": "invalid_client", "error_description": "invalid client"}
        token = f"00D5g0000000001!session.{next(self._numbers)}"
        self.sessions.add(token)
        return 200, {
            "access_token": token,
            "signature": "c2lnbmF0dXJl",
            "scope": "api",
            "instance_url": self.url,
            "id": f"{self.url}/id/00D5g0000000001EAA/0055g0000000001AAA",
            "token_type": "Bearer",
            "issued_at": str(int(self.now().timestamp() * 1000)),
        }

    def _query(self, text: str, *, is_all: bool) -> Answer:
        try:
            asked = read_query(text)
        except Malformed as error:
            return 400, _error("MALFORMED_QUERY", f"unexpected token: {error}")
        if asked.kind not in _PREFIX:
            return 400, _error("INVALID_TYPE", f"sObject type '{asked.kind}' is not supported.")
        for name in (*asked.fields, *asked.named):
            if not self._has(asked.kind, name):
                said = f"No such column '{name}' on entity '{asked.kind}'."
                return 400, _error("INVALID_FIELD", said)
        found = [
            record
            for id, record in self.records.items()
            if self.kinds[id] == asked.kind
            and (is_all or not record["IsDeleted"])
            and asked.where(lambda name, of=record: self._look(of, name))  # type: ignore[misc]  # each record's own
        ]
        rows = [self._shown(asked, row) for row in ordered(found, asked.order)[: asked.limit]]
        return 200, self._batch(rows, len(rows))

    def _more(self, locator: str) -> Answer:
        if locator not in self._cursors:
            return 400, _error("INVALID_QUERY_LOCATOR", "invalid query locator")
        return 200, self._batch(*self._cursors[locator])  # may be read again for two days

    def _batch(self, rows: list[dict[str, Any]], total: int) -> dict[str, Any]:
        answer: dict[str, Any] = {"totalSize": total, "done": len(rows) <= self.page_size}
        if not answer["done"]:
            locator = f"01g5g{next(self._numbers):013d}-{self.page_size}"
            self._cursors[locator] = (rows[self.page_size :], total)
            answer["nextRecordsUrl"] = f"{_DATA}/query/{locator}"
        return answer | {"records": rows[: self.page_size]}

    def _shown(self, asked: Query, record: Mapping[str, Any]) -> dict[str, Any]:
        url = f"{_DATA}/sobjects/{asked.kind}/{record['Id']}"
        shown: dict[str, Any] = {"attributes": {"type": asked.kind, "url": url}}
        for name in asked.fields:
            parent, _, field = name.rpartition(".")
            value = self._look(record, name)
            if not parent:
                shown[name] = value
            elif record.get(_PARENTS[parent]) is None:
                shown[parent] = None
            else:
                kind = "Name" if parent == "Owner" else parent
                shown.setdefault(parent, {"attributes": {"type": kind}})[field] = value
        for field, relation in asked.children:
            kind, key = _CHILDREN[relation]
            below = [
                {"attributes": {"type": kind}, field: row.get(field)}
                for id, row in self.records.items()
                if self.kinds[id] == kind and row.get(key) == record["Id"] and not row["IsDeleted"]
            ]
            children = {"totalSize": len(below), "done": True, "records": below}
            shown[relation] = children if below else None
        return shown

    def _look(self, record: Mapping[str, Any], name: str) -> Any:
        parent, _, field = name.rpartition(".")
        if parent:
            above = self.records.get(str(record.get(_PARENTS[parent])))
            return None if above is None else self._look(above, field)
        return record.get(name, False if name in _FLAGS else None)

    def _has(self, kind: str, name: str) -> bool:
        if f"{kind}.{name}" in self.hidden:
            return False
        parent, _, field = name.rpartition(".")
        if parent:
            above = "User" if parent == "Owner" else parent
            return _PARENTS[parent] in _OWN[kind] and field in _OWN[above]
        return name in _SYSTEM or name in _OWN[kind] or name in self.custom[kind]

    def _collection(self, method: str, body: Any) -> Answer:
        records = body.get("records") if isinstance(body, dict) else None
        if not isinstance(records, list) or not 0 < len(records) <= 200:
            return 400, _error("INVALID_INPUT", "The list can contain up to 200 objects.")
        for record in records:
            kind = record.get("attributes", {}).get("type")
            for name in record.keys() - {"attributes", "id"}:
                if not self._has(kind, name):
                    said = f"No such column '{name}' on sobject of type {kind}"
                    return 400, _error("INVALID_FIELD", said)
        save = self._update if method == "PATCH" else self._create
        return 200, [save(record) for record in records]

    def _update(self, record: Mapping[str, Any]) -> dict[str, Any]:
        id = full_id(str(record.get("id")))
        if id is None or id not in self.records:
            return _refused("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        if self.refuses.get(id):
            code, fields = self.refuses[id].pop(0)
            return _refused(code, "refused", fields)
        if self.records[id]["IsDeleted"]:
            return _refused("ENTITY_IS_DELETED", "entity is deleted")
        if self.records[id].get("IsConverted"):
            return _refused("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
        given = {name: value for name, value in record.items() if name not in ("attributes", "id")}
        if wrong := _READ_ONLY & given.keys():
            return _refused("INVALID_FIELD_FOR_INSERT_UPDATE", "not writeable", sorted(wrong))
        self.put(self.kinds[id], id, **given)
        return {"id": id, "success": True, "errors": []}

    def _create(self, record: Mapping[str, Any]) -> dict[str, Any]:
        kind = record["attributes"]["type"]
        given = {name: value for name, value in record.items() if name != "attributes"}
        id = self.put(kind, **given)
        return {"id": id, "success": True, "errors": []}

    def _describe(self, kind: str) -> Answer:
        if kind not in _PREFIX:
            return 404, _error("NOT_FOUND", "The requested resource does not exist")
        types = {field.name: field.types[0] for field in FIELDS.values()}
        fields = [
            {
                "name": name,
                "type": types.get(name, "boolean" if name in _FLAGS else "string"),
                "updateable": name not in _READ_ONLY and f"{kind}.{name}" not in self.read_only,
                "custom": name.endswith("__c"),
            }
            for name in (*_SYSTEM, *_OWN[kind], *sorted(self.custom[kind]))
            if f"{kind}.{name}" not in self.hidden
        ]
        can = {"createable": True, "queryable": True, "updateable": True}
        return 200, {"name": kind, "keyPrefix": _PREFIX[kind], **can, "fields": fields}


def salesforce_settings(tool: Tool) -> dict[str, Any]:
    """The settings that connect it."""
    return {
        "salesforce_url": tool.url,
        "salesforce_client_id": CLIENT_ID,
        "salesforce_client_secret": CLIENT_SECRET,
        "salesforce_calls_per_second": 10_000.0,
        "salesforce_timeout_seconds": 10.0,
        "public_url": "https://giveget.example",
    }


def _error(code: str, message: str) -> list[dict[str, str]]:
    return [{"message": message, "errorCode": code}]


def _refused(code: str, message: str, fields: list[str] | None = None) -> dict[str, Any]:
    error = {"statusCode": code, "message": message, "fields": fields or []}
    return {"success": False, "errors": [error]}


def _text(at: datetime) -> str:
    """A time as the API writes it: to a second, the milliseconds always nought here."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000+0000"
