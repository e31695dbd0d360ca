"""Every call, from the OpenAPI document."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from service.api.reference import Field, Operation, by_tag, operations
from service.app import build_runtime, create_app
from service.settings import Settings
from tests.reference.markdown import code, page, table

_BEGIN = (
    "A running server shows this page at `/docs` and the document itself at `/openapi.json`. Signed"
    " calls: [how to sign](../connect/signed-calls.md). People's calls carry `Authorization: Bearer"
    " KEY`. Repeats: [what is done once](../retries.md). Refusals: [every code](errors.md). What is"
    " marked * must be there."
)


def document() -> dict[str, object]:
    """The OpenAPI document of a service that is set up with nothing."""
    with tempfile.TemporaryDirectory() as folder:
        runtime = build_runtime(Settings(db=f"sqlite:///{Path(folder) / 'reference.db'}"))
        try:
            return create_app(runtime).openapi()
        finally:
            runtime.store.close()


def api() -> str:
    """The page."""
    return page("API", _BEGIN, *_parts(by_tag(operations(document()))))


def _parts(groups: Sequence[tuple[str, Sequence[Operation]]]) -> Iterator[str]:
    for title, listed in groups:
        yield f"## {title}"
        for one in listed:
            yield f"### {one.method} {one.path}"
            yield " ".join((one.summary, one.more)).strip()
            refused = ", ".join(f"[{status}](errors.md#{status})" for status in one.refusals)
            yield f"Who: {one.door}. Taken: {one.success}. Refused: {refused or 'never'}."
            yield _fields("Asked", one.parameters)
            yield _fields("Body", one.fields)
            yield f"```console\n$ {one.example}\n```"
            yield _fields("Answer", one.answer)


def _fields(title: str, listed: Sequence[Field]) -> str:
    if not listed:
        return ""
    rows = [(code(f.name) + (" *" if f.is_required else ""), f.type, f.says) for f in listed]
    return table([title, "type", "says"], rows)
