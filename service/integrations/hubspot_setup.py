"""The properties we need in HubSpot, and what of them a portal lacks or has otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.integrations.hubspot_client import HubSpot

GROUP = "giveget"
_FIELDS: Mapping[str, tuple[str, str, str]] = {
    "giveget_grade": ("Giveget grade", "string", "text"),
    "giveget_probability": ("Giveget probability", "number", "number"),
    "giveget_reasons": ("Giveget reasons", "string", "textarea"),
    "giveget_lane": ("Giveget lane", "string", "text"),
    "giveget_offer": ("Giveget offer", "string", "text"),
    "giveget_link": ("Giveget link", "string", "text"),
}
"""Name → label, type, field type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One property to make or to change."""

    name: str
    is_new: bool
    wanted: Mapping[str, Any]
    differs: tuple[str, ...] = ()

    def __str__(self) -> str:
        done = "make" if self.is_new else f"change {', '.join(self.differs)} of"
        return f"{done} {self.name}: {self.wanted['label']}, {self.wanted['type']}"


async def plan(hubspot: HubSpot) -> list[Step]:
    """What would be done. Raises ToolError."""
    there = await hubspot.properties()
    steps = []
    for name, (label, type_, field_type) in _FIELDS.items():
        wanted = {
            "name": name,
            "label": label,
            "type": type_,
            "fieldType": field_type,
            "groupName": GROUP,
        }
        if name not in there:
            steps.append(Step(name=name, is_new=True, wanted=wanted))
            continue
        differs = tuple(key for key in wanted if there[name].get(key) != wanted[key])
        if differs:
            steps.append(Step(name=name, is_new=False, wanted=wanted, differs=differs))
    return steps


async def apply(hubspot: HubSpot) -> list[Step]:
    """Do it; what was done. Raises ToolError."""
    steps = await plan(hubspot)
    if steps:
        await hubspot.make_group(GROUP, "Giveget")
    for step in steps:
        if step.is_new:
            await hubspot.make(step.wanted)
        else:
            await hubspot.change(step.name, step.wanted)
    return steps
