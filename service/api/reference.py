"""The calls of the OpenAPI document as a reader wants them: what to send, what comes back.

By hand rather than by a bundle such as Swagger UI: the pages need no script, and the same calls are
written into docs/reference/api.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_DEEPEST = 3
"""How far a body's fields are followed into its parts."""
_SIGNED = (
    '-H "webhook-id: $ID" -H "webhook-timestamp: $AT" -H "webhook-signature: v1,$SIG"',
    "signed with an ingest key (Standard Webhooks)",
)
_KEY = ('-H "authorization: Bearer $KEY"', "a person's key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a body, or one parameter."""

    name: str
    """With the path to it: `order.seats`, `events[].id`."""
    type: str
    is_required: bool
    says: str
    place: str = "body"
    """Where it goes: body, path or query."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One call."""

    method: str
    path: str
    tag: str
    summary: str
    more: str
    """What else its description says."""
    door: str
    """Who may call it."""
    parameters: tuple[Field, ...]
    fields: tuple[Field, ...]
    answer: tuple[Field, ...]
    example: str
    """A command that makes the call."""
    success: str
    """The statuses of what is taken, and their media types."""
    refusals: tuple[int, ...]

    @property
    def anchor(self) -> str:
        """Its place in the page, as every builder of headings makes it from `METHOD /path`."""
        kept = "".join(c for c in f"{self.method} {self.path}".lower() if c.isalnum() or c in " _-")
        return kept.replace(" ", "-")


def operations(document: Mapping[str, Any]) -> tuple[Operation, ...]:
    """Every call of the document, in its order."""
    schemas = document.get("components", {}).get("schemas", {})
    return tuple(
        _operation(method.upper(), path, call, schemas)
        for path, calls in document["paths"].items()
        for method, call in calls.items()
    )


TAGS: Mapping[str, str] = {
    "ingest": "Telling of leads, signed",
    "connect": "Tools",
    "site": "Your own site",
    "leads": "Leads",
    "lists": "Lists",
    "accounts": "Accounts",
    "figures": "Figures",
    "reps": "Reps and their queue",
    "offers": "Offers and tasks",
    "policies": "Policies",
    "mail": "Mail",
    "keys": "Keys",
    "audit": "Audit",
    "customers": "Customers' pages",
    "health": "Health",
}
"""The groups of calls, in the order in which they are read."""


def by_tag(listed: Sequence[Operation]) -> tuple[tuple[str, tuple[Operation, ...]], ...]:
    """The calls of each group, under its title."""
    return tuple(
        (title, tuple(one for one in listed if one.tag == tag)) for tag, title in TAGS.items()
    )


def _operation(method: str, path: str, call: Mapping[str, Any], schemas: Any) -> Operation:
    kind, content = _content(call.get("requestBody", {}))
    is_signed = "id" in {name for each in call.get("security", ()) for name in each}
    header, door = _SIGNED if is_signed else _KEY if call.get("security") else ("", "")
    if path.startswith("/v1/connect/"):
        header, door = "", "the tool's own signature"
    taken = {s: _content(a) for s, a in call["responses"].items() if s.startswith("2")}
    _, answered = next(iter(taken.values()), ("", {}))
    return Operation(
        method=method,
        path=path,
        tag=call["tags"][0],
        summary=call["summary"],
        more=call.get("description", ""),
        door=door or "nobody's key",
        parameters=tuple(_parameter(each, schemas) for each in call.get("parameters", ())),
        fields=tuple(_fields(content.get("schema", {}), schemas)),
        answer=tuple(_fields(answered.get("schema", {}), schemas)),
        example=_command(method, path, header, kind, content.get("example")),
        success=", ".join(f"{status} {media}".strip() for status, (media, _) in taken.items()),
        refusals=tuple(
            int(status) for status in call["responses"] if status.isdecimal() and status >= "4"
        ),
    )


def _content(part: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The first media type of a body or an answer, and what is said of it."""
    return next(iter(part.get("content", {}).items()), ("", {}))


def _parameter(told: Mapping[str, Any], schemas: Any) -> Field:
    return Field(
        name=told["name"],
        type=_type(told.get("schema", {}), schemas),
        is_required=told.get("required", False),
        says=_line(told.get("description", "")),
        place=told["in"],
    )


def _fields(schema: Any, schemas: Any, path: str = "", depth: int = 0) -> Iterator[Field]:
    schema = _resolved(schema, schemas)
    if schema.get("type") == "array":
        yield from _fields(schema.get("items", {}), schemas, f"{path}[]", depth)
        return
    for name, part in schema.get("properties", {}).items():
        place = f"{path}.{name}" if path else name
        yield Field(
            name=place,
            type=_type(part, schemas),
            is_required=name in schema.get("required", ()),
            says=_line(part.get("description", "")),
        )
        if depth + 1 < _DEEPEST:
            for inner in _parts(part):
                yield from _fields(inner, schemas, place, depth + 1)


def _parts(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What a field may be, without null."""
    listed = schema.get("anyOf") or schema.get("allOf") or schema.get("oneOf") or [schema]
    return [each for each in listed if each.get("type") != "null"]


def _resolved(schema: Mapping[str, Any], schemas: Any) -> Mapping[str, Any]:
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    return schema


def _type(schema: Mapping[str, Any], schemas: Any) -> str:
    names = dict.fromkeys(_type_of(_resolved(each, schemas), schemas) for each in _parts(schema))
    return " or ".join(name for name in names if name) or "any"


def _type_of(schema: Mapping[str, Any], schemas: Any) -> str:
    if "enum" in schema or "const" in schema:
        return ", ".join(str(each) for each in schema.get("enum", [schema.get("const")]))
    kind = schema.get("type", "")
    if kind == "array":
        return f"list of {_type(schema.get('items', {}), schemas)}"
    if kind == "string":
        return {"date-time": "time", "date": "day"}.get(schema.get("format", ""), "text")
    return {"integer": "whole number", "boolean": "true or false"}.get(str(kind), str(kind))


def _line(text: str) -> str:
    return " ".join(text.split())


def _command(method: str, path: str, header: str, kind: str, example: Any) -> str:
    asked = "" if method == "GET" else f"-X {method} " if method != "POST" or not kind else ""
    lines = [f"curl {asked}https://YOUR-HOST{path}"]
    if header:
        lines.append(header)
    if kind and example is not None:
        if kind == "application/json":
            lines += [f'-H "content-type: {kind}"', f"-d '{json.dumps(example)}'"]
        else:
            lines += [f"-d '{name}={value}'" for name, value in example.items()]
    return " \\\n  ".join(lines)
