"""Exchange rates from the European Central Bank's file, as it documents it, and what is no rate."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from service.integrations.exchange_rates import merged, read_ecb
from service.integrations.http import ToolBusy
from tests.support.service import World

FILE = """<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
    xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
  <gesmes:subject>Reference rates</gesmes:subject>
  <gesmes:Sender><gesmes:name>European Central Bank</gesmes:name></gesmes:Sender>
  <Cube>
    <Cube time="2026-11-02">
      <Cube currency="USD" rate="1.0873"/><Cube currency="BRL" rate="6.3021"/>
    </Cube>
    <Cube time="2026-10-30"><Cube currency="USD" rate="1.0850"/></Cube>
  </Cube>
</gesmes:Envelope>
"""
BOMB = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><Cube time="2026-11-02">&c;</Cube>'


@contextmanager
def bank(answer: list[bytes]) -> Iterator[str]:
    """A server whose file may change; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if answer[0] else 503)
            self.send_header("content-length", str(len(answer[0])))
            self.end_headers()
            self.wfile.write(answer[0])

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/eurofxref-hist-90d.xml"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_each_rate_of_the_file_is_read_with_its_day() -> None:
    assert read_ecb(FILE.encode()) == [
        (date(2026, 11, 2), "USD", Decimal("1.0873")),
        (date(2026, 11, 2), "BRL", Decimal("6.3021")),
        (date(2026, 10, 30), "USD", Decimal("1.0850")),
    ]


@pytest.mark.parametrize(
    "text",
    ["", "<html>", BOMB, "<Cube/>", '<Cube time="today"/>', '<Cube time="2026-11-02"/>', "a,b\n"],
)
def test_what_holds_no_rates_is_refused(text: str) -> None:
    with pytest.raises(ToolBusy):
        read_ecb(text.encode())


def test_what_is_kept_is_a_year_and_the_newest_word_of_a_day() -> None:
    before = "date,currency,per_eur\n2024-01-01,USD,1.2\n2026-10-30,USD,9.9"
    kept = merged(before, read_ecb(FILE.encode())).splitlines()
    assert kept == [
        "date,currency,per_eur",
        "2026-10-30,USD,1.0850",
        "2026-11-02,BRL,6.3021",
        "2026-11-02,USD,1.0873",
    ]


def test_the_worker_fetches_them_four_times_a_day(make_world: Callable[..., World]) -> None:
    answer = [b""]
    with bank(answer) as url:
        world = make_world(rates_url=url)
        world.work()
        today = world.clock.now().date()

        def of_today() -> Any:
            found = world.runtime.exchange.rate("BRL", today)
            assert found is not None
            return found.units_per_euro

        assert of_today() != Decimal("6.3021")
        answer[0] = FILE.encode()
        world.wait(hours=5)
        world.work()
        assert of_today() != Decimal("6.3021")
        world.wait(hours=2)
        world.work()
        assert of_today() == Decimal("6.3021")
        answer[0] = b""
        world.wait(hours=7)
        world.work()
        assert of_today() == Decimal("6.3021")
