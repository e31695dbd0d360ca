"""A server that speaks HubSpot's documented shapes: contacts, deals, tasks, owners, properties.

Pages of developers.hubspot.com/docs: guides/api/crm/objects/contacts (single and batch,
propertiesWithHistory), api/crm/tasks, api-reference/crm-crm-owners-v3/guide,
guides/api/crm/properties, guides/apps/api-usage/usage-details (429 with `policyName`), reference of
`POST /crm/v3/objects/{object}/batch/{create,update,read,archive}` (200, 201, 204, and 207 with
`errors[].context.ids`), guides/api/error-handling ("MISSING_SCOPES", "VALIDATION_ERROR").
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tests.support.tool_servers import Answer, Tool

_CONTACTS, _TASKS = "/crm/v3/objects/contacts", "/crm/v3/objects/tasks"
_REQUIRED = ("hs_timestamp",)
_BATCH = 100


class HubSpotTool(Tool):
    """One portal."""

    def __init__(self) -> None:
        super().__init__()
        self.contacts: dict[str, dict[str, Any]] = {}
        self.deals: dict[str, dict[str, Any]] = {}
        self.tasks: dict[str, dict[str, Any]] = {}
        self.owners: dict[str, str] = {}
        """Ids by mail address."""
        self.histories: dict[str, list[dict[str, str]]] = {}
        """By contact, what `giveget_disposition` was, newest first."""
        self.properties: dict[str, dict[str, Any]] = {"email": {"name": "email", "label": "Email"}}
        self.lacking: set[str] = set()
        """Properties that a write finds missing."""
        self.scopes: dict[str, str] = {}
        """Scopes that the app lacks, by the beginning of the paths that need them."""
        self.made_but_unheard = 0
        """How many of the next created batches are answered with a fault after they were made."""
        self._ids = itertools.count(9001)

    def put(self, id: str, at: datetime, deals: tuple[str, ...] = (), **properties: str) -> None:
        """A contact as it stands from now on."""
        old = self.contacts.get(id, {"properties": {}})["properties"]
        contact = {"id": id, "properties": old | properties, "updatedAt": at.isoformat()}
        if deals:
            found = [{"id": d, "type": "contact_to_deal"} for d in deals]
            contact["associations"] = {"deals": {"results": found}}
        self.contacts[id] = contact

    def open_tasks(self) -> list[dict[str, Any]]:
        """The tasks that nobody finished."""
        return [
            task
            for task in self.tasks.values()
            if task["properties"]["hs_task_status"] != "COMPLETED"
        ]

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        for prefix, scope in self.scopes.items():
            if path.startswith(prefix):
                return 403, _missing(scope)
        if path.rstrip("/") == "/crm/v3/owners":  # their own client ends it with a slash
            return 200, {"results": self._owners(query.get("email"))}
        if path.startswith("/crm/v3/properties/contacts"):
            return self._property(method, path, body)
        if "/batch/" in path:
            return self._batch(path, body)
        name = path.rpartition("/")[2]
        if path.startswith("/crm/v3/objects/deals/"):
            return (200, self.deals[name]) if name in self.deals else (404, {})
        if path in (_CONTACTS, _TASKS, "/crm/v3/objects/deals"):
            return 200, {"results": []}
        if path.startswith(_TASKS):
            return self._task(name, query)
        if query.get("idProperty") == "email":
            named = [c for c in self.contacts.values() if c["properties"].get("email") == name]
            return (200, named[0]) if named else (404, {"category": "OBJECT_NOT_FOUND"})
        if name not in self.contacts:
            return 404, {"category": "OBJECT_NOT_FOUND"}
        return 200, self._contact(name, query)

    def _contact(self, id: str, query: dict[str, str]) -> dict[str, Any]:
        contact = dict(self.contacts[id])
        if wanted := query.get("properties"):  # what was not asked for is not told
            told = contact["properties"].items()
            contact["properties"] = {n: v for n, v in told if n in wanted.split(",")}
        if query.get("associations") == "tasks":
            mine = [task["id"] for task in self.tasks.values() if id in task["contacts"]]
            results = [{"id": task, "type": "contact_to_task"} for task in mine]
            contact["associations"] = {"tasks": {"results": results}}
        if asked := query.get("propertiesWithHistory"):
            contact["propertiesWithHistory"] = {asked: self.histories.get(id, [])}
        return contact

    def _task(self, id: str, query: dict[str, str]) -> Answer:
        if id not in self.tasks:
            return 404, {"category": "OBJECT_NOT_FOUND"}
        task = {"id": id, "properties": dict(self.tasks[id]["properties"])}
        if query.get("associations") == "contacts":
            results = [{"id": c, "type": "task_to_contact"} for c in self.tasks[id]["contacts"]]
            task["associations"] = {"contacts": {"results": results}}
        return 200, task

    def _owners(self, email: str | None) -> list[dict[str, Any]]:
        return [
            {"id": id, "email": address, "type": "PERSON", "userId": 1, "archived": False}
            for address, id in self.owners.items()
            if email in (None, address)
        ]

    def _property(self, method: str, path: str, body: Any) -> Answer:
        if path.endswith("/groups"):
            return 409, {"status": "error", "category": "CONFLICT"}
        if path == "/crm/v3/properties/contacts":
            if method == "POST":
                self.properties[body["name"]] = body
                return 201, body
            return 200, {"results": list(self.properties.values())}
        name = path.rpartition("/")[2]
        self.properties[name] |= body
        return 200, self.properties[name]

    def _batch(self, path: str, body: Any) -> Answer:
        objects, _, what = path.partition("/batch/")
        inputs = body["inputs"]
        kept = self.tasks if objects == _TASKS else self.contacts
        if len(inputs) > _BATCH:
            return 400, {"status": "error", "category": "VALIDATION_ERROR", "message": "too many"}
        if what == "archive":
            for one in inputs:
                kept.pop(one["id"], None)
            return 204, None
        if what == "read":
            found = [kept[one["id"]] for one in inputs if one["id"] in kept]
            return 200, _complete([{"id": o["id"], "properties": o["properties"]} for o in found])
        if what == "create":
            return self._create(inputs)
        return self._update(kept, inputs)

    def _update(self, kept: dict[str, dict[str, Any]], inputs: Sequence[Any]) -> Answer:
        written = {name for one in inputs for name in one["properties"]}
        if lacks := written & self.lacking:
            return 400, _invalid(lacks)
        if len({one["id"] for one in inputs}) != len(inputs):
            return 400, {"status": "error", "category": "VALIDATION_ERROR", "message": "duplicates"}
        if [one for one in inputs if not one["id"].isdecimal()]:
            return 400, {"status": "error", "category": "VALIDATION_ERROR", "message": "Invalid id"}
        results = []
        for one in inputs:
            if one["id"] in kept:
                kept[one["id"]]["properties"] |= one["properties"]
                results.append({"id": one["id"], "properties": one["properties"]})
        gone = [one["id"] for one in inputs if one["id"] not in kept]
        if not gone:
            return 200, _complete(results)
        error = {
            "status": "error",
            "category": "OBJECT_NOT_FOUND",
            "message": "Could not get some objects, they may be deleted or not exist.",
            "context": {"ids": gone},
        }
        return 207, _complete(results) | {"numErrors": 1, "errors": [error]}

    def _create(self, inputs: Sequence[Any]) -> Answer:
        results = []
        for one in inputs:
            given = one["properties"]
            if [name for name in _REQUIRED if not given.get(name)]:
                return 400, {
                    "status": "error",
                    "category": "VALIDATION_ERROR",
                    "message": "required",
                }
            for link in one["associations"]:
                if link["types"] != [
                    {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 204}
                ]:
                    return 400, {"status": "error", "category": "VALIDATION_ERROR"}
            id = str(next(self._ids))
            contacts = [link["to"]["id"] for link in one["associations"]]
            self.tasks[id] = {"id": id, "properties": dict(given), "contacts": contacts}
            trace = one.get("objectWriteTraceId")
            results.append({"id": id, "properties": given, "objectWriteTraceId": trace})
        if self.made_but_unheard:
            self.made_but_unheard -= 1
            return 502, {"status": "error"}
        return 201, _complete(results[::-1])  # HubSpot promises no order


def _complete(results: list[dict[str, Any]]) -> dict[str, Any]:
    return {"status": "COMPLETE", "results": results}


def _missing(scope: str) -> dict[str, Any]:
    return {
        "status": "error",
        "message": "This app hasn't been granted all required scopes to make this call.",
        "errors": [
            {
                "message": "One or more of the following scopes are required.",
                "context": {"requiredGranularScopes": [scope]},
            }
        ],
        "category": "MISSING_SCOPES",
    }


def _invalid(names: set[str]) -> dict[str, Any]:
    wrong = [
        {
            "isValid": False,
            "message": f'Property "{name}" does not exist',
            "error": "PROPERTY_DOESNT_EXIST",
            "name": name,
        }
        for name in sorted(names)
    ]
    message = f"Property values were not valid: {json.dumps(wrong)}"
    return {"status": "error", "message": message, "category": "VALIDATION_ERROR"}
