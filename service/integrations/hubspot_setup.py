"""The properties we need in HubSpot, and what of them a portal lacks or has otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.domain.priority import DISPOSITIONS
from service.integrations.hubspot_client import DISPOSITION, HubSpot

GROUP = "giveget"
_FIELDS: Mapping[str, tuple[str, str, str]] = {
    "giveget_grade": ("Giveget grade", "string", "text"),
    "giveget_probability": ("Giveget probability", "number", "number"),
    "giveget_reasons": ("Giveget reasons", "string", "textarea"),
    "giveget_lane": ("Giveget lane", "string", "text"),
    "giveget_rank": ("Giveget rank in the queue", "number", "number"),
    "giveget_due_at": ("Giveget reply due", "datetime", "date"),
    "giveget_offer": ("Giveget offer", "string", "text"),
    "giveget_offer_terms": ("Giveget open offer", "string", "textarea"),
    "giveget_offer_link": ("Giveget open offer, link", "string", "text"),
    "giveget_offer_until": ("Giveget open offer, until", "datetime", "date"),
    "giveget_link": ("Giveget link", "string", "text"),
    DISPOSITION: ("Giveget: how the work ended", "enumeration", "select"),
}
"""Name → label, type, field type. All are ours to write but the last, which is the rep's."""
_OPTIONS = [
    {"label": each.replace("_", " ").capitalize(), "value": each, "displayOrder": number}
    for number, each in enumerate(DISPOSITIONS)
]


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
        wanted: dict[str, Any] = {
            "name": name,
            "label": label,
            "type": type_,
            "fieldType": field_type,
            "groupName": GROUP,
        }
        if type_ == "enumeration":
            wanted["options"] = _OPTIONS
        if name not in there:
            steps.append(Step(name=name, is_new=True, wanted=wanted))
            continue
        differs = tuple(key for key in wanted if _told(there[name].get(key)) != _told(wanted[key]))
        if differs:
            steps.append(Step(name=name, is_new=False, wanted=wanted, differs=differs))
    return steps


def _told(value: Any) -> Any:
    """What is compared: of options only what we say of them."""
    if not isinstance(value, list):
        return value
    return [(one.get("label"), one.get("value")) for one in value if isinstance(one, dict)]


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
