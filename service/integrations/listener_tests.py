"""Tests that any connector which is told must pass; for packages of others, and run over ours.

Subclass `ListenerContract` in a file that pytest collects, and say what it asks for:

    class TestMineIsTold(ListenerContract):
        def listener(self, url): return connect(Setup(settings=Settings(), own={"url": url}))
        def bare(self): return connect(Setup(settings=Settings(), own={}))
        secrets = ["the-key"]

The tool is a server on a socket of this machine, which answers what `answer` says; it needs
nothing but pytest, and no service.
"""

from __future__ import annotations

import asyncio
import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from service.domain.lead_now import LeadNow, OfferNow, PlaceNow
from service.integrations.contract import Listener, Message, Outcome, Telling
from service.integrations.http import ToolBusy, ToolError, ToolRefused

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
PLACE = PlaceNow(
    rep="ada",
    rep_email="ada@seller.example",
    state="waiting",
    rank=2,
    due_at=NOW + timedelta(hours=4),
    entered_at=NOW,
    claim=None,
    until=None,
)
OFFER = OfferNow(
    id="offer_1",
    number=7,
    code="GG-7",
    state="awaiting_approval",
    is_open=True,
    sentence="three extra months for an annual prepayment",
    link="https://giveget.example/offers/offer_1",
    until=NOW + timedelta(days=14),
)
LEAD = LeadNow(
    id="L1",
    ids=("501",),
    link="https://giveget.example/leads/L1",
    email="maria.silva@acme-foods.example",
    lane="rep",
    grade="A1",
    probability=0.31,
    reasons=("Job title: CFO (raises the score)", "Seats: 500 (raises the score)"),
    place=PLACE,
    offers=(OFFER,),
)
LEADS: Sequence[LeadNow] = (
    LEAD,
    replace(LEAD, ids=()),
    replace(LEAD, ids=("501", "502")),
    replace(LEAD, place=replace(PLACE, state="held", claim="claim_1", until=NOW)),
    replace(LEAD, place=None, offers=(), lane="self_serve"),
    replace(LEAD, grade=None, probability=None, reasons=()),
    replace(LEAD, email=None, takes_mail=False, takes_calls=False),
    LeadNow(id="L2"),
)
"""Leads as they may stand; every connector is asked about each."""
ERASED = LeadNow(id="L1", ids=("501",), is_erased=True)


@dataclass
class Played:
    """The tool's server: what it was asked, and statuses with headers that come first."""

    url: str = ""
    calls: list[tuple[str, str, Any]] = field(default_factory=list)
    faults: list[tuple[int, dict[str, str]]] = field(default_factory=list)


class ListenerContract(ABC):
    """What must hold of a connector that is told."""

    secrets: ClassVar[Sequence[str]] = ()
    """What must stand in no error."""

    @abstractmethod
    def listener(self, url: str) -> Listener:
        """One that is set up, whose tool is at this address."""

    @abstractmethod
    def bare(self) -> Listener:
        """One that is not."""

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """What the tool's server says: its status, and the JSON of its body."""
        return 200, {}

    def messages(self) -> Sequence[Message]:
        """What it wants told of all the leads, without what we fetch ourselves."""
        listener = self.listener("http://127.0.0.1:9")
        return [one for lead in LEADS for one in listener.to_tell(lead)]

    def test_it_is_told_only_once_it_is_set_up(self) -> None:
        assert self.listener("http://127.0.0.1:9").is_told
        assert not self.bare().is_told

    def test_it_wants_something_told(self) -> None:
        assert self.messages()

    def test_it_is_told_some_at_a_time(self) -> None:
        assert 1 <= self.listener("http://127.0.0.1:9").at_a_time <= 100

    def test_the_same_lead_is_told_alike(self) -> None:
        one, other = self.listener("http://127.0.0.1:9"), self.listener("http://127.0.0.1:9")
        for lead in (*LEADS, ERASED):
            assert one.to_tell(lead) == other.to_tell(lead) == one.to_tell(lead)

    def test_each_message_of_a_lead_has_a_name_of_its_own_and_a_body_that_can_be_kept(self) -> None:
        for lead in (*LEADS, ERASED):
            messages = self.listener("http://127.0.0.1:9").to_tell(lead)
            names = [(one.what, one.subject) for one in messages]
            assert len(set(names)) == len(names), "a later message would overtake an earlier one"
            for one in messages:
                assert one.what, "a kind needs a word"
                assert ":" not in one.what, "what and subject are joined by a colon"
                assert one.subject
                assert json.loads(json.dumps(one.body)) == one.body

    def test_of_an_erased_lead_only_what_was_told_is_taken_back_without_a_word_of_it(self) -> None:
        listener = self.listener("http://127.0.0.1:9")
        told = {(one.what, one.subject) for one in listener.to_tell(LEAD)}
        for one in listener.to_tell(ERASED):
            assert (one.what, one.subject) in told, "nobody would ever hear of it"
            assert not one.is_once, "it was told before, so it would not be told again"
            said = json.dumps(one.body)
            assert "acme-foods" not in said
            assert "CFO" not in said

    def test_what_is_told_reaches_the_tool_and_has_an_outcome_each(self) -> None:
        for group in self._groups():
            with self._played() as tool:
                outcomes = self._tell(tool, group)
                assert len(outcomes) == len(group)
                assert not [one for one in outcomes if isinstance(one, ToolError)]
                assert tool.calls, "the tool heard nothing"
                for one in outcomes:
                    assert one is None or json.loads(json.dumps(one)) == one

    def test_what_is_told_again_with_what_was_kept_is_taken_again(self) -> None:
        for group in self._groups():
            with self._played() as tool:
                kept = self._tell(tool, group)
                again = [
                    replace(one, kept=what)
                    for one, what in zip(group, kept, strict=True)
                    if not isinstance(what, ToolError)
                ]
                assert len(self._tell(tool, again)) == len(again)

    def test_a_tool_that_wants_fewer_calls_is_left_alone_as_long_as_it_says(self) -> None:
        with self._played() as tool:
            tool.faults = [(429, {"retry-after": "120"})] * 20
            for error in self._errors(tool):
                assert isinstance(error, ToolBusy)
                assert error.retry_after == 120

    def test_a_tool_with_a_fault_is_told_again_later(self) -> None:
        with self._played() as tool:
            tool.faults = [(503, {})] * 20
            assert all(isinstance(error, ToolBusy) for error in self._errors(tool))

    def test_a_tool_that_refuses_is_not_asked_the_same_again(self) -> None:
        with self._played() as tool:
            tool.faults = [(401, {})] * 20
            errors = self._errors(tool)
            assert all(isinstance(error, ToolRefused) for error in errors)
            for secret in self.secrets:
                assert not any(secret in str(error) for error in errors)

    def _groups(self) -> Sequence[Sequence[Telling]]:
        """Every message but those that undo something by itself, and as many of a kind as are told
        together."""
        messages = [one for one in self.messages() if not one.takes_back]
        alone = [[_telling(one, number)] for number, one in enumerate(messages)]
        most = self.listener("http://127.0.0.1:9").at_a_time
        kinds = dict.fromkeys(one.what for one in messages)
        many = [[one for one in messages if one.what == what] for what in kinds]
        return alone + [[_telling(one, n) for n, one in enumerate(group[:most])] for group in many]

    def _errors(self, tool: Played) -> list[ToolError]:
        """How telling the first message ends, raised or as its outcome."""
        try:
            outcomes = self._tell(tool, self._groups()[0])
        except ToolError as error:
            return [error]
        errors = [one for one in outcomes if isinstance(one, ToolError)]
        assert errors, "it says that the tool took it"
        return errors

    def _tell(self, tool: Played, due: Sequence[Telling]) -> Sequence[Outcome]:
        return asyncio.run(self.listener(tool.url).tell(due))

    @contextmanager
    def _played(self) -> Iterator[Played]:
        tool = Played()
        answer = self.answer

        class Handler(BaseHTTPRequestHandler):
            def do_any(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                raw = self.rfile.read(length).decode()
                is_json = "json" in self.headers.get("content-type", "")
                body: Any = json.loads(raw or "null") if is_json else raw
                tool.calls.append((self.command, self.path, body))
                status: int = 200
                said: Any = None
                headers: dict[str, str] = {}
                if tool.faults:
                    status, headers = tool.faults.pop(0)
                else:
                    status, said = answer(self.command, self.path, body)
                text = b"" if status == 204 else json.dumps({} if said is None else said).encode()
                self.send_response(status)
                told = {"content-type": "application/json", "content-length": str(len(text))}
                for name, value in {**headers, **told}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = do_any  # noqa: N815  # http.server's names

            def log_message(self, *_: Any) -> None:
                return

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        tool.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield tool
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def _telling(message: Message, number: int) -> Telling:
    return Telling(message=message, key=f"msg_{number}", kept=None)
