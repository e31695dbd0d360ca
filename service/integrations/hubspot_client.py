"""The few calls of HubSpot's CRM API v3 that are needed.

Limits (developers.hubspot.com/docs/guides/apps/api-usage/usage-details): 100 calls in ten seconds,
some 250,000 a day, whose end a 429 with `policyName` DAILY tells; 100 inputs a batch.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from typing import Any

from service.integrations.http import Api, ToolBusy, ToolRefused
from service.integrations.hubspot import ASKED, OURS, is_opt_out
from service.settings import Settings

BATCH = 100
CONTACTS = "/crm/v3/objects/contacts"
TASKS = "/crm/v3/objects/tasks"
DISPOSITION = f"{OURS}disposition"
_DEALS = "/crm/v3/objects/deals"
_OWNERS = "/crm/v3/owners"
_PROPERTIES = "/crm/v3/properties/contacts"
_DAY_IS_OVER_SECONDS = 3600
"""How long HubSpot is left alone once the day's calls are used up: when its day ends is a setting
of the portal."""
_OWNER_SECONDS = 600.0
_OPT_OUT_SECONDS = 3600.0
_SCOPE = re.compile(r"[a-z][a-z._]{2,80}")
_OUR_PROPERTY = re.compile(rf"\b{OURS}[a-z_]+\b")


class HubSpot:
    """One portal, by its private app's token."""

    def __init__(self, settings: Settings) -> None:
        assert settings.hubspot_token is not None
        self._api = Api(
            settings.hubspot_url,
            {"Authorization": f"Bearer {settings.hubspot_token}"},
            calls_per_second=settings.hubspot_calls_per_second,
            timeout_seconds=settings.connect_timeout_seconds,
        )
        self._owners: dict[str, tuple[float, str | None]] = {}
        self._opt_outs: tuple[float, tuple[str, ...]] = (0.0, ())

    async def contact(self, id: str) -> tuple[dict[str, Any], bool | None] | None:
        """A contact and whether one of its deals is open; None when it is gone."""
        return await self._whole(f"{CONTACTS}/{id}", {"associations": "deals"})

    async def contact_of(self, email: str) -> tuple[dict[str, Any], bool | None] | None:
        """The contact of a mail address."""
        query = {"associations": "deals", "idProperty": "email"}
        return await self._whole(f"{CONTACTS}/{email}", query)

    async def dispositions(self, id: str) -> list[dict[str, Any]]:
        """What was ever said of how the work on a contact ended: value and timestamp, newest
        first."""
        found = await self._found(f"{CONTACTS}/{id}", {"propertiesWithHistory": DISPOSITION})
        history = {} if found is None else found.get("propertiesWithHistory") or {}
        return [one for one in history.get(DISPOSITION) or [] if isinstance(one, dict)]

    async def look(self) -> None:
        """Read as little as there is, to see that the token is taken."""
        await self._call("GET", CONTACTS, query={"limit": "1", "properties": "hs_object_id"})

    async def lacking_scopes(self) -> list[str]:
        """The scopes without which something of ours is refused, by trying one small read each."""
        lacks: list[str] = []
        for path in (CONTACTS, TASKS, _DEALS, _OWNERS, _PROPERTIES):
            try:
                await self._call("GET", path, query={} if path == _PROPERTIES else {"limit": "1"})
            except ToolRefused as error:
                if error.status != 403:
                    raise
                lacks += _scopes(error.answer)
        return list(dict.fromkeys(lacks))

    async def contacts_of_deal(self, id: str) -> list[str]:
        """The contacts of a deal."""
        deal = await self._found(f"{_DEALS}/{id}", {"associations": "contacts"})
        return [] if deal is None else _associated(deal, "contacts")

    async def owner(self, email: str) -> str | None:
        """The owner of a mail address, asked for once in ten minutes."""
        until, owner = self._owners.get(email, (0.0, None))
        if until < time.monotonic():
            found = await self._call("GET", _OWNERS, query={"email": email, "limit": "1"})
            results = found.get("results") or []
            owner = str(results[0]["id"]) if results else None
            self._owners[email] = (time.monotonic() + _OWNER_SECONDS, owner)
        return owner

    async def task(self, id: str) -> tuple[str, list[str]] | None:
        """A task's status and its contacts; None when it is gone."""
        query = {"properties": "hs_task_status", "associations": "contacts"}
        found = await self._found(f"{TASKS}/{id}", query)
        if found is None:
            return None
        return str(found["properties"].get("hs_task_status")), _associated(found, "contacts")

    async def tasks_of(self, contact: str) -> list[dict[str, Any]]:
        """The tasks of a contact, with their bodies and statuses; of many the newest hundred."""
        found = await self._found(f"{CONTACTS}/{contact}", {"associations": "tasks"})
        ids = [] if found is None else sorted(_associated(found, "tasks"), key=int)[-BATCH:]
        if not ids:
            return []
        wanted = {
            "properties": ["hs_task_status", "hs_task_body"],
            "inputs": [{"id": i} for i in ids],
        }
        read = await self._call("POST", f"{TASKS}/batch/read", json=wanted)
        return list(read.get("results") or [])

    async def batch(
        self, objects: str, what: str, inputs: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        """Have up to a hundred objects created, updated or archived; what came of each."""
        assert len(inputs) <= BATCH
        answer = await self._call("POST", f"{objects}/batch/{what}", json={"inputs": list(inputs)})
        return dict(answer)

    async def properties(self) -> dict[str, dict[str, Any]]:
        """The contacts' properties by name."""
        found = await self._call("GET", _PROPERTIES)
        return {one["name"]: one for one in found["results"]}

    async def make(self, wanted: Mapping[str, Any]) -> None:
        """Make a property."""
        await self._call("POST", _PROPERTIES, json=dict(wanted))

    async def change(self, name: str, wanted: Mapping[str, Any]) -> None:
        """Change a property."""
        await self._call("PATCH", f"{_PROPERTIES}/{name}", json=dict(wanted))

    async def make_group(self, name: str, label: str) -> None:
        """Make the properties' group; one that is there stays."""
        try:
            await self._call("POST", f"{_PROPERTIES}/groups", json={"name": name, "label": label})
        except ToolRefused as error:
            if error.status != 409:
                raise

    async def _whole(
        self, path: str, query: Mapping[str, str]
    ) -> tuple[dict[str, Any], bool | None] | None:
        """A contact with the opt-outs from this portal's kinds of mail; once an hour it is looked
        up which there are, and the contact asked for again where there are others."""
        until, known = self._opt_outs
        found = await self._with_deals(path, {**query, "properties": _asked(known)})
        if found is None or until > time.monotonic():
            return found
        try:
            names = tuple(name for name in await self.properties() if is_opt_out(name))
        except ToolRefused:  # an app that may read contacts alone
            names = known
        self._opt_outs = (time.monotonic() + _OPT_OUT_SECONDS, names)
        if set(names) <= {*ASKED, *known}:
            return found
        return await self._with_deals(path, {**query, "properties": _asked(names)})

    async def _with_deals(
        self, path: str, query: Mapping[str, str]
    ) -> tuple[dict[str, Any], bool | None] | None:
        contact = await self._found(path, query)
        if contact is None:
            return None
        for deal_id in _associated(contact, "deals"):
            deal = await self._found(f"{_DEALS}/{deal_id}", {"properties": "hs_is_closed"})
            if deal is not None and deal["properties"].get("hs_is_closed") != "true":
                return contact, True
        return contact, False

    async def _found(self, path: str, query: Mapping[str, str]) -> dict[str, Any] | None:
        try:
            found = await self._call("GET", path, query=query)
        except ToolRefused as error:
            if error.status == 404:
                return None
            raise
        return dict(found)

    async def _call(self, method: str, path: str, **more: Any) -> Any:
        """One call. Raises ToolBusy, ToolRefused, each in words where HubSpot says why."""
        try:
            return await self._api.call(method, path, **more)
        except ToolBusy as error:
            policy = error.answer.get("policyName") if isinstance(error.answer, dict) else None
            if policy == "DAILY":
                seconds = max(error.retry_after, _DAY_IS_OVER_SECONDS)
                raise ToolBusy("the day's calls to HubSpot are used up", seconds) from None
            raise
        except ToolRefused as error:
            words = _in_words(error)
            if words is None:
                raise
            explained = _Explained(words, error.status, error.code)
            explained.answer = error.answer
            raise explained from None


def _asked(opt_outs: Sequence[str]) -> str:
    return ",".join(dict.fromkeys((*ASKED, *opt_outs)))


class _Explained(ToolRefused):
    """A refusal that a person must mend, whatever is asked."""


def is_for_all(error: ToolRefused) -> bool:
    """Whether the same would be refused of any object, so that trying them one by one is vain."""
    return isinstance(error, _Explained) or error.status in (401, 403)


def _in_words(error: ToolRefused) -> str | None:
    """What a person must mend, where HubSpot names it: a scope, or one of our properties."""
    if scopes := _scopes(error.answer):
        return f"the private app lacks the scope {', '.join(scopes)}"
    message = error.answer.get("message") if isinstance(error.answer, dict) else None
    if error.status == 400 and isinstance(message, str) and "PROPERTY_DOESNT_EXIST" in message:
        names = sorted(set(_OUR_PROPERTY.findall(message)))
        said = ", ".join(names) or "a property"
        return f"HubSpot lacks {said}: run `giveget connect hubspot apply`"
    return None


def _scopes(answer: Any) -> list[str]:
    """The scopes that an answer of the category MISSING_SCOPES names."""
    if not isinstance(answer, dict) or answer.get("category") != "MISSING_SCOPES":
        return []
    found: list[str] = []
    for each in answer.get("errors") or []:
        context = each.get("context") if isinstance(each, dict) else None
        for name in ("requiredGranularScopes", "requiredScopes"):
            named = context.get(name) if isinstance(context, dict) else None
            found += [s for s in named or [] if isinstance(s, str) and _SCOPE.fullmatch(s)]
    return list(dict.fromkeys(found)) or ["that this call needs"]


def _associated(found: Mapping[str, Any], what: str) -> list[str]:
    results = found.get("associations", {}).get(what, {}).get("results", [])
    return list(dict.fromkeys(str(one["id"]) for one in results))
