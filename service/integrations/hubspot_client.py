"""The few calls of HubSpot's CRM API v3 that are needed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.integrations.http import Api, ToolRefused
from service.integrations.hubspot import ASKED
from service.settings import Settings

_CONTACTS = "/crm/v3/objects/contacts"
_PROPERTIES = "/crm/v3/properties/contacts"


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

    async def contact(self, id: str) -> tuple[dict[str, Any], bool | None] | None:
        """A contact and whether one of its deals is open; None when it is gone."""
        query = {"properties": ",".join(ASKED), "associations": "deals"}
        return await self._with_deals(f"{_CONTACTS}/{id}", query)

    async def contact_of(self, email: str) -> tuple[dict[str, Any], bool | None] | None:
        """The contact of a mail address."""
        query = {"properties": ",".join(ASKED), "associations": "deals", "idProperty": "email"}
        return await self._with_deals(f"{_CONTACTS}/{email}", query)

    async def look(self) -> None:
        """Read as little as there is, to see that the token is taken."""
        await self._api.call("GET", _CONTACTS, query={"limit": "1", "properties": "hs_object_id"})

    async def contacts_of_deal(self, id: str) -> list[str]:
        """The contacts of a deal."""
        deal = await self._found(f"/crm/v3/objects/deals/{id}", {"associations": "contacts"})
        return [] if deal is None else _associated(deal, "contacts")

    async def write(self, id: str, properties: Mapping[str, str]) -> None:
        """Set properties of a contact."""
        await self._api.call("PATCH", f"{_CONTACTS}/{id}", json={"properties": dict(properties)})

    async def properties(self) -> dict[str, dict[str, Any]]:
        """The contacts' properties by name."""
        found = await self._api.call("GET", _PROPERTIES)
        return {one["name"]: one for one in found["results"]}

    async def make(self, wanted: Mapping[str, Any]) -> None:
        """Make a property."""
        await self._api.call("POST", _PROPERTIES, json=dict(wanted))

    async def change(self, name: str, wanted: Mapping[str, Any]) -> None:
        """Change a property."""
        await self._api.call("PATCH", f"{_PROPERTIES}/{name}", json=dict(wanted))

    async def make_group(self, name: str, label: str) -> None:
        """Make the properties' group; one that is there stays."""
        try:
            await self._api.call(
                "POST", f"{_PROPERTIES}/groups", json={"name": name, "label": label}
            )
        except ToolRefused as error:
            if error.status != 409:
                raise

    async def _with_deals(
        self, path: str, query: Mapping[str, str]
    ) -> tuple[dict[str, Any], bool | None] | None:
        contact = await self._found(path, query)
        if contact is None:
            return None
        for deal_id in _associated(contact, "deals"):
            deal = await self._found(
                f"/crm/v3/objects/deals/{deal_id}", {"properties": "hs_is_closed"}
            )
            if deal is not None and deal["properties"].get("hs_is_closed") != "true":
                return contact, True
        return contact, False

    async def _found(self, path: str, query: Mapping[str, str]) -> dict[str, Any] | None:
        try:
            found = await self._api.call("GET", path, query=query)
        except ToolRefused as error:
            if error.status == 404:
                return None
            raise
        return dict(found)


def _associated(found: Mapping[str, Any], what: str) -> list[str]:
    results = found.get("associations", {}).get(what, {}).get("results", [])
    return list(dict.fromkeys(str(one["id"]) for one in results))
