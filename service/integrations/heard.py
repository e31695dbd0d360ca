"""Who is told of the calls that are made to tools: set around one delivery, asked at each call."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from service.domain.http_calls import HttpCall

Note = Callable[[HttpCall], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listener:
    note: Note
    tool: str
    lead: str | None
    delivery: str


_listener: ContextVar[_Listener | None] = ContextVar("listener", default=None)


@contextmanager
def heard(note: Note, *, tool: str, lead: str | None, delivery: str) -> Iterator[None]:
    """Calls made within are told to `note`, as calls for this delivery."""
    before = _listener.set(_Listener(note=note, tool=tool, lead=lead, delivery=delivery))
    try:
        yield
    finally:
        _listener.reset(before)


@dataclass(slots=True, kw_only=True)
class Said:
    """One call to a tool while it is made; what is known of its end is put here."""

    method: str
    target: str
    body: Any
    request: str | None = None
    status: int = 0
    code: str = ""
    answer: Any = None


@contextmanager
def telling(said: Said) -> Iterator[Said]:
    """However the call ends, who listens is told."""
    started = time.perf_counter()
    try:
        yield said
    finally:
        listener = _listener.get()
        if listener is not None:
            listener.note(
                HttpCall(
                    direction="out",
                    method=said.method,
                    target=said.target,
                    status=said.status,
                    code=said.code,
                    request=said.request,
                    took_ms=1000 * (time.perf_counter() - started),
                    body=said.body,
                    answer=said.answer,
                    tool=listener.tool,
                    lead=listener.lead,
                    delivery=listener.delivery,
                )
            )
