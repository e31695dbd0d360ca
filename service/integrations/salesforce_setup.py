"""What an org lacks of what we read and write there, by its own description of its objects.

A field that is hidden from our app's user is not described, so this looks at permissions, too.
Shape: developer.salesforce.com/docs/platform/api-rest, "sObject Describe".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.domain.salesforce_fields import FIELDS, OBJECTS, named
from service.integrations.http import ToolRefused
from service.integrations.salesforce import ASKED
from service.integrations.salesforce_client import Salesforce
from service.settings import Settings

_OPT_OUTS = ("HasOptedOutOfEmail", "DoNotCall")
_OF_TASKS = ("WhoId", "OwnerId", "Subject", "Status", "Description", "ActivityDate")
_ABOVE = {"Owner.Email": "OwnerId", "Account.Name": "AccountId"}
"""What a field of a record above is reached by."""


async def lacks(client: Salesforce, settings: Settings) -> list[str]:
    """What is to be made or allowed, a sentence each. Raises ToolError."""
    found: list[str] = []
    for kind in (*ASKED, "User"):
        try:
            fields = await client.describe(kind)
        except ToolRefused as error:
            if error.status not in (403, 404):
                raise
            found.append(f"{kind}: our user may not read it")
            continue
        found += [f"{kind}.{name}: our user may not read it" for name in _hidden(kind, fields)]
        if kind in OBJECTS:
            found += _of_ours(kind, fields, named(settings.salesforce_fields))
        if kind in (*OBJECTS, "Task"):
            wanted = _OPT_OUTS if kind in OBJECTS else _OF_TASKS
            found += _read_only(kind, fields, wanted)
    return found


def _hidden(kind: str, fields: Mapping[str, Mapping[str, Any]]) -> list[str]:
    asked = ("Id", "Email", "IsActive") if kind == "User" else ASKED[kind]
    plain = [_ABOVE.get(name, name) for name in asked if not name.startswith("(")]
    return [name for name in dict.fromkeys(plain) if name not in fields]


def _of_ours(
    kind: str, fields: Mapping[str, Mapping[str, Any]], names: Mapping[str, str]
) -> list[str]:
    """What of our own fields is missing or otherwise."""
    found = []
    for word, name in names.items():
        wanted, field = FIELDS[word], fields.get(name)
        if field is None:
            found.append(f"{kind}.{name}: make it, {wanted.made_as}, and let our user edit it")
        elif field.get("type") not in wanted.types:
            found.append(f"{kind}.{name}: is {field.get('type')}, must be {wanted.made_as}")
        elif field.get("updateable") is not True:
            found.append(f"{kind}.{name}: our user may not edit it")
        elif _is_short(field, wanted.length):
            found.append(f"{kind}.{name}: is too short, must be {wanted.made_as}")
    return found


def _is_short(field: Mapping[str, Any], length: int | None) -> bool:
    told = field.get("length")
    return length is not None and isinstance(told, int) and 0 < told < length


def _read_only(
    kind: str, fields: Mapping[str, Mapping[str, Any]], wanted: tuple[str, ...]
) -> list[str]:
    return [
        f"{kind}.{name}: our user may not edit it"
        for name in wanted
        if name in fields and fields[name].get("updateable") is not True
    ]
