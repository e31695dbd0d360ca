"""What reaches a server before its application is bounded: headers, time, connections."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from service.api.bounded_http import Bounds, bounded
from service.logs import OnceAMinute

SHORT = {"header_seconds": 1.0, "body_seconds": 1.0}
GET = b"GET / HTTP/1.1\r\nhost: x\r\n"


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with how much it was sent, after a while where the path asks for one."""
    size, more = 0, True
    if scope["path"] == "/early":
        more = False
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    if scope["path"] == "/slow":
        await asyncio.sleep(3)
    text = str(size).encode()
    headers = [(b"content-length", str(len(text)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": text})


@contextmanager
def serving(bounds: Bounds) -> Iterator[int]:
    """A server on a free port, with these bounds."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            app, http=bounded(bounds), ws="none", lifespan="off", log_config=None
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def connected(port: int, sent: bytes = b"") -> socket.socket:
    """A connection that has sent this much."""
    one = socket.create_connection(("127.0.0.1", port), timeout=10)
    one.sendall(sent)
    return one


def answer(one: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    got = b""
    try:
        while piece := one.recv(65_536):
            got += piece
    except ConnectionError:
        pass
    return got


def flood(one: socket.socket, piece: bytes) -> None:
    """Send up to a thousand pieces. Raises ConnectionError once the other side has enough."""
    for _ in range(1000):
        one.sendall(piece)


def served(port: int) -> bool:
    """Whether an ordinary request is answered at once."""
    with connected(port, GET + b"connection: close\r\n\r\n") as one:
        began = time.monotonic()
        return answer(one).startswith(b"HTTP/1.1 200") and time.monotonic() - began < 2


def test_a_header_that_never_ends_is_refused_while_others_are_served() -> None:
    with serving(Bounds()) as port, connected(port, GET + b"x-a: ") as one:
        with pytest.raises(ConnectionError):
            flood(one, b"a" * 65_536)
        assert served(port)
    with serving(Bounds()) as port, connected(port, GET + b"x-a: " + b"a" * 40_000) as one:
        assert answer(one).startswith(b"HTTP/1.1 431 ")


def test_too_many_headers_are_refused() -> None:
    many = b"".join(b"x%d: b\r\n" % n for n in range(101))
    with serving(Bounds()) as port:
        with connected(port, GET + many + b"\r\n") as one:
            assert answer(one).startswith(b"HTTP/1.1 431 ")
        with connected(
            port, GET + many[: many.index(b"x90")] + b"connection: close\r\n\r\n"
        ) as one:
            assert answer(one).startswith(b"HTTP/1.1 200 ")


def test_a_header_over_two_limits_at_once_is_refused_once(caplog: pytest.LogCaptureFixture) -> None:
    """uvloop ends a connection that is written to after its end, with an error in the log."""
    many = b"".join(b"x%d: b\r\n" % n for n in range(5000))
    with serving(Bounds()) as port, connected(port, GET + many) as one:
        assert answer(one).count(b"HTTP/1.1 431 ") == 1
        assert served(port)
    assert [record for record in caplog.records if record.exc_info] == []


@pytest.mark.parametrize(
    "request_line",
    [
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd",
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3, 3\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: +3\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n",
        GET + b"x-a: a\0b\r\n\r\n",
        GET + b"x-a: b\r\n folded\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost : x\r\n\r\n",
        b"GET / HTTP/1.1\nhost: x\n\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"CONNECT other:80 HTTP/1.1\r\nhost: x\r\n\r\n",
    ],
)
def test_what_two_servers_could_read_in_two_ways_is_read_by_none(request_line: bytes) -> None:
    with serving(Bounds()) as port:
        with connected(port, request_line + GET + b"\r\n") as one:
            got = answer(one)
        assert got.startswith(b"HTTP/1.1 400 ")
        assert got.count(b"HTTP/1.1 ") == 1
        assert served(port)


def test_an_upgrade_that_nobody_offers_is_an_ordinary_request() -> None:
    upgrade = b"connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\r\n"
    with serving(Bounds(**SHORT)) as port:
        with connected(port, GET + upgrade + b"\x81\x85\0\0\0\0hello" * 100) as one:
            assert answer(one).startswith(b"HTTP/1.1 200 ")
        assert served(port)


def test_an_old_client_is_answered_and_its_connection_closed() -> None:
    with serving(Bounds()) as port, connected(port, b"GET / HTTP/1.0\r\n\r\n") as one:
        assert answer(one).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("half", "says"),
    [
        (b"", b""),
        (GET + b"x-slow: ", b"HTTP/1.1 408 "),
        (b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nabc", b""),
    ],
)
def test_half_a_request_is_closed_in_time(half: bytes, says: bytes) -> None:
    with serving(Bounds(**SHORT)) as port, connected(port, half) as one:
        began = time.monotonic()
        got = answer(one)
        assert got.startswith(says)
        assert bool(got) == bool(says)
        assert 0.5 < time.monotonic() - began < 6


def test_of_too_many_half_requests_the_oldest_are_closed_and_work_under_way_goes_on() -> None:
    with serving(Bounds(of_one_peer=8)) as port:
        busy = connected(port, b"GET /slow HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        halves = [connected(port, GET + b"x-slow: ") for _ in range(30)]
        assert served(port)
        assert answer(busy).startswith(b"HTTP/1.1 200 ")
        assert [answer(half) for half in halves[:10]] == [b""] * 10
        for one in (busy, *halves):
            one.close()


def test_connections_in_all_are_bounded_too() -> None:
    with serving(Bounds(connections=8)) as port:
        halves = [connected(port, GET + b"x-slow: ") for _ in range(30)]
        assert served(port)
        for one in halves:
            one.close()


def test_a_body_that_nobody_waits_for_any_more_is_not_taken_for_ever() -> None:
    head = b"POST /early HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
    with serving(Bounds()) as port, connected(port, head) as one:
        assert one.recv(65_536).startswith(b"HTTP/1.1 200 ")
        with pytest.raises(ConnectionError):
            flood(one, b"10000\r\n" + b"a" * 65_536 + b"\r\n")
        assert served(port)


def test_a_trailer_that_never_ends_is_refused() -> None:
    head = b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\nx-t: "
    with serving(Bounds()) as port, connected(port, head) as one:
        with pytest.raises(ConnectionError):
            flood(one, b"a" * 65_536)
        assert served(port)


@pytest.mark.parametrize(
    "more",
    [(GET + b"\r\n") * 2000, b"GET / HTTP/1.1\r\n" + b"a" * 40_000, b"\0\0\r\n\r\n", b""],
    ids=["many", "long", "nonsense", "left"],
)
def test_what_is_refused_behind_requests_under_way_is_no_fault_of_ours(
    more: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    first = b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n"
    with serving(Bounds()) as port:
        with connected(port, first * 2 + more) as one:
            time.sleep(0.2)
            if more:
                assert answer(one) == b""
        assert served(port)
        time.sleep(3.5)  # until the slow one would be answered
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


@pytest.mark.parametrize(
    "body", [b"1;" + b"a" * 200_000, b"F" * 20 + b"\r\n", b"0\r\n" + b"x: y\r\n" * 300 + b"\r\n"]
)
def test_a_body_that_is_none_is_told_so(body: bytes) -> None:
    head = b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
    with serving(Bounds()) as port, connected(port, head) as one:
        with suppress(ConnectionError):
            one.sendall(body)
        assert answer(one).startswith(b"HTTP/1.1 4")
        assert served(port)


def test_a_warning_that_anybody_may_provoke_is_written_once_a_minute() -> None:
    seconds = [0.0]
    once = OnceAMinute("uvicorn", clock=lambda: seconds[0])

    def passes(name: str, level: int, says: str) -> bool:
        return bool(once.filter(logging.LogRecord(name, level, "", 0, says, None, None)))

    written = 0
    for _ in range(150):
        written += passes("uvicorn.error", logging.WARNING, "Invalid HTTP request received.")
        seconds[0] += 1.0
    assert written == 3
    assert passes("uvicorn.error", logging.WARNING, "another")
    assert all(passes("uvicorn.error", logging.ERROR, "a fault") for _ in range(2))
    assert all(passes("alembic", logging.WARNING, "a warning") for _ in range(2))


def test_requests_one_after_the_other_and_in_one_go_are_answered_on_one_connection() -> None:
    post = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabc"
    with serving(Bounds(**SHORT)) as port, connected(port) as one:
        for _ in range(3):
            one.sendall(post)
            assert one.recv(65_536).endswith(b"\r\n\r\n3")
            time.sleep(0.7)  # longer in all than a header or a body may take
        one.sendall(GET + b"\r\n" + post + GET + b"connection: close\r\n\r\n")
        assert answer(one).count(b"HTTP/1.1 200 ") == 3


def test_no_more_connections_are_allowed_than_files_may_be_open() -> None:
    bounds = Bounds(connections=10**9)
    bounds.fit_to_files()
    assert 16 <= bounds.connections < 10**9
