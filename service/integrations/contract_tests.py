"""Tests that any connector must pass; for packages of others, and run over ours.

Subclass `ConnectorContract` in a file that pytest collects, and say what it asks for:

    class TestMine(ConnectorContract):
        def connector(self): return connect(Setup(settings=Settings(), own={"signing_key": KEY}))
        def bare(self): return connect(Setup(settings=Settings(), own={}))
        def signed(self, body): return {"my-signature": sign(KEY, body)}
        bodies = [b'{"event": "…"}']

It needs nothing but pytest, and no service.
"""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, ClassVar

from service.errors import BadInput, NotKnown
from service.integrations.contract import Call, Connector, Reading

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
"""The moment at which every call is made."""
_ODD: tuple[Any, ...] = (None, 7, "text", [], {}, {"event": None}, {"data": [{}]}, {"id": {}})


class ConnectorContract(ABC):
    """What must hold of a connector."""

    url: ClassVar[str] = "https://giveget.example/v1/connect/yours"
    bodies: ClassVar[Sequence[bytes]]
    """Bodies as the tool documents them; each says something."""

    @abstractmethod
    def connector(self) -> Connector:
        """One that is set up."""

    @abstractmethod
    def bare(self) -> Connector:
        """One that is not."""

    @abstractmethod
    def signed(self, body: bytes) -> Mapping[str, str]:
        """The headers, in small letters, of a call with this body that the tool makes at NOW."""

    def forged(self) -> Sequence[tuple[Mapping[str, str], bytes]]:
        """Calls that are not the tool's: nothing shown, another's signature, a changed body."""
        body = self.bodies[0]
        headers = self.signed(body)
        swapped = {name: value[::-1] for name, value in headers.items()}
        return [({}, body), (swapped, body), (headers, _changed(body))]

    def test_what_the_tool_sends_is_proven_and_says_something(self) -> None:
        for body in self.bodies:
            readings = self._read(self.signed(body), body)
            assert any(_says(one) for one in readings), body

    def test_a_forged_call_is_refused(self) -> None:
        for headers, body in self.forged():
            _refused(self.connector(), self._call(headers, body))

    def test_without_its_secret_it_refuses_everything_and_says_what_to_set(self) -> None:
        body = self.bodies[0]
        error = _refused(self.bare(), self._call(self.signed(body), body))
        assert error.code == "not_connected"

    def test_a_repeat_is_read_alike(self) -> None:
        for body in self.bodies:
            headers = self.signed(body)
            assert self._read(headers, body) == self._read(headers, body)

    def test_the_ids_of_facts_are_the_tools_own(self) -> None:
        for body in self.bodies:
            for one in self._read(self.signed(body), body):
                ids = [event.id for event in one.told.events]
                ids += [touch.id for touch in one.told.touches] + [mail.id for mail in one.mail]
                assert all(":" in id for id in ids), "its name before the tool's id"
                assert all(lead.message.id for lead in one.told.leads)

    def test_odd_elements_are_refused_in_words_or_say_nothing(self) -> None:
        body = self.bodies[0]
        call = self._call(self.signed(body), body)
        connector = self.connector()
        proof = asyncio.run(connector.check(call))
        for odd in _ODD:
            with suppress(BadInput):  # it is answered by index, and the others are taken
                assert not _says(connector.read(odd, proof, call)), odd

    def _call(self, headers: Mapping[str, str], body: bytes) -> Call:
        return Call(
            method="POST",
            url=self.url,
            headers=headers,
            body=body,
            json=json.loads(body),
            now=NOW,
            tolerance_seconds=300,
        )

    def _read(self, headers: Mapping[str, str], body: bytes) -> list[Reading]:
        connector, call = self.connector(), self._call(headers, body)
        proof = asyncio.run(connector.check(call))
        elements = call.json if isinstance(call.json, list) else [call.json]
        return [connector.read(element, proof, call) for element in elements]


def _changed(body: bytes) -> bytes:
    """The body with another value in it, and JSON still."""
    told = json.loads(body)
    first = told[0] if isinstance(told, list) else told
    first["forged"] = True
    return json.dumps(told).encode()


def _says(one: Reading) -> bool:
    told = one.told
    return bool(told.leads or told.events or told.touches or one.mail or one.changes or one.fetch)


def _refused(connector: Connector, call: Call) -> NotKnown:
    try:
        asyncio.run(connector.check(call))
    except NotKnown as error:
        return error
    raise AssertionError("it was believed")
