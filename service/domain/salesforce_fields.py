"""Our custom fields of Salesforce's leads and contacts: what each is called, and of what type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

CUSTOM_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,60}__c")
OBJECTS = ("Lead", "Contact")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A custom field: its usual name, its label, and the types (as a describe names them) it may
    have."""

    name: str
    label: str
    types: tuple[str, ...]
    length: int | None = None
    """How many characters are written to it."""
    made_as: str
    """How an admin makes it."""


FIELDS: Mapping[str, Field] = {
    "grade": Field(
        name="Giveget_Grade__c",
        label="Giveget grade",
        types=("string",),
        length=2,
        made_as="Text(2)",
    ),
    "score": Field(
        name="Giveget_Score__c",
        label="Giveget chance",
        types=("percent", "double"),
        made_as="Percent(3, 2)",
    ),
    "reasons": Field(
        name="Giveget_Reasons__c",
        label="Giveget reasons",
        types=("textarea",),
        length=1000,
        made_as="Long Text Area(1000)",
    ),
    "lane": Field(
        name="Giveget_Lane__c",
        label="Giveget lane",
        types=("string", "picklist"),
        length=20,
        made_as="Text(20)",
    ),
    "rank": Field(
        name="Giveget_Rank__c",
        label="Giveget rank",
        types=("double", "int"),
        made_as="Number(5, 0)",
    ),
    "due": Field(
        name="Giveget_Due__c", label="Giveget due", types=("datetime",), made_as="Date/Time"
    ),
    "offer": Field(
        name="Giveget_Offer__c",
        label="Giveget offer",
        types=("string", "textarea"),
        length=255,
        made_as="Text(255)",
    ),
    "offer_link": Field(
        name="Giveget_Offer_Link__c",
        label="Giveget offer link",
        types=("url",),
        length=255,
        made_as="URL",
    ),
    "link": Field(
        name="Giveget_Link__c", label="Giveget", types=("url",), length=255, made_as="URL"
    ),
}
"""By our own word."""


def named(given: Mapping[str, str]) -> dict[str, str]:
    """The fields that are written, our word → the name there, where some are named otherwise."""
    names = {word: given.get(word, field.name) for word, field in FIELDS.items()}
    return {word: name for word, name in names.items() if name}
