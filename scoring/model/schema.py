"""What each column of a lead export means; kept in the artifact and applied to leads online.

A sign-up that carries the training file's columns as attributes is read exactly as a row of
that file: the same map to known fields, the same missing tokens, the same types.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from scoring.features import Feature, Group, Moment
from scoring.files.numbers import Decimal
from scoring.files.reading import Reading
from scoring.files.values import (
    as_boolean,
    as_category,
    as_field,
    as_number,
    as_objection,
    as_time,
    present,
)
from scoring.leads.lead import CONTACT_FIELDS, Lead, Value

AttributeKind = Literal["number", "category", "boolean"]
TIMES = frozenset({"signed_up_at", "trial_started_at", "trial_ends_at"})
_BOOLEANS = frozenset({"do_not_email", "do_not_call"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """A column that became a feature of its own name."""

    name: str
    kind: AttributeKind
    group: Group
    decimal: Decimal | None = None
    """The decimal sign of a number as text; `None` reads plain numbers only."""

    def read(self, value: Value) -> float | str | None:
        """The value as this attribute's type; what does not fit the type is missing."""
        if self.kind == "number":
            return as_number(value, self.decimal)
        return as_boolean(value) if self.kind == "boolean" else as_category(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """`fields` maps a column to the known field it fills.

    `times` holds each time's form, `numbers` the decimal sign of a field's column, `readings` the
    record of how each column was read in training.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    attributes: tuple[Attribute, ...] = ()
    missing: tuple[str, ...] = ()
    times: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, Decimal] = field(default_factory=dict)
    readings: Mapping[str, Reading] = field(default_factory=dict)
    id_column: str | None = None
    time_column: str | None = None
    target_column: str | None = None
    target_values: tuple[tuple[str, ...], ...] = ()
    """The target's values that were named: converted, not converted, open; empty for none."""

    def lacking(self, columns: Collection[str]) -> list[str]:
        """The columns that fill a field or a feature and are not among `columns`."""
        learnt = [*self.fields, *(attribute.name for attribute in self.attributes)]
        return [name for name in learnt if name not in columns]

    def admit(self, lead: Lead) -> Lead:
        """The lead with mapped columns moved to their fields and missing tokens taken out."""
        if not lead.attributes:
            return lead
        attributes = {
            name: kept
            for name, value in lead.attributes.items()
            if (kept := present(value, self.missing)) is not None
        }
        filled: dict[str, Any] = {}
        for column, known in self.fields.items():
            value = attributes.pop(column, None)
            if value is not None and getattr(lead, known) is None and filled.get(known) is None:
                filled[known] = self.read_field(known, column, value)
        if not filled and len(attributes) == len(lead.attributes):
            return lead
        contact = None if filled.keys() & CONTACT_FIELDS else lead.contact
        return replace(lead, attributes=attributes, contact=contact, **filled)

    def read_field(self, known: str, column: str, value: Value) -> object:
        """A present value of `column` as the known field it fills; `None` when it is no such."""
        if known == "seats":
            number = as_number(value, self.numbers.get(column))
            return None if number is None or not number.is_integer() else int(number)
        if known in TIMES:
            return as_time(value, self.times.get(column, "iso"))
        if known in _BOOLEANS:
            return as_objection(value)
        return as_category(as_field(value))

    def features(self) -> tuple[Feature, ...]:
        """One feature an attribute."""
        return tuple(
            Feature(
                name=attribute.name,
                caption=attribute.name,
                group=attribute.group,
                kind="number" if attribute.kind == "number" else "category",
                value=_reader(attribute),
            )
            for attribute in self.attributes
        )

    def to_json(self) -> dict[str, Any]:
        """A JSON-able form, read back by `from_json`."""
        return {
            "fields": dict(self.fields),
            "attributes": [
                {"name": a.name, "kind": a.kind, "group": a.group}
                | ({"decimal": a.decimal} if a.decimal else {})
                for a in self.attributes
            ],
            "missing": list(self.missing),
            "times": dict(self.times),
            "id_column": self.id_column,
            "time_column": self.time_column,
            "target_column": self.target_column,
        } | self._records()

    def _records(self) -> dict[str, Any]:
        """What a schema has since its columns' readings are kept; an older one has none."""
        readings = {name: reading.to_json() for name, reading in self.readings.items()}
        values = [list(side) for side in self.target_values]
        records = {"numbers": dict(self.numbers), "readings": readings, "target_values": values}
        return {name: kept for name, kept in records.items() if kept}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Schema:
        """The schema of `to_json`."""
        return cls(
            fields=dict(stored["fields"]),
            attributes=tuple(Attribute(**a) for a in stored["attributes"]),
            missing=tuple(stored["missing"]),
            times=dict(stored["times"]),
            numbers=dict(stored.get("numbers", {})),
            readings={n: Reading(**kept) for n, kept in stored.get("readings", {}).items()},
            id_column=stored["id_column"],
            time_column=stored["time_column"],
            target_column=stored["target_column"],
            target_values=tuple(tuple(side) for side in stored.get("target_values", ())),
        )


def _reader(attribute: Attribute) -> Callable[[Moment], float | str | None]:
    def value(moment: Moment) -> float | str | None:
        return attribute.read(moment.lead.attributes.get(attribute.name))

    return value
