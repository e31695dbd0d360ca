"""`giveget trigger` against a real server: what it prints, and where it sends people who err."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from service.cli import app
from service.db import Store
from service.db.tables.leads import events, leads
from tests.service.cli.test_cli_keys import a_key
from tests.service.ops.test_crash import served


def trigger(*arguments: str, url: str, secret: str | None = None) -> Result:
    environment = {"GIVEGET_PUBLIC_URL": url, "GIVEGET_INGEST_SECRET": secret}
    return CliRunner().invoke(app, ["trigger", *arguments], env=environment)


def test_a_signup_gets_hot_and_buys_at_a_server_of_its_own(tmp_path: Path) -> None:
    store_url = f"sqlite:///{tmp_path}/giveget.db"
    secret = a_key(store_url, "add", "ingest")["secret"]
    with served(store_url, "--no-worker") as (_, url):
        signed_up = trigger("signup", "--seats", "90", url=url, secret=secret)
        assert signed_up.exit_code == 0, signed_up.stderr
        found = re.search(rf"look: {url}/leads/(\S+)", signed_up.stdout)
        assert found is not None
        assert "to convert" in signed_up.stdout
        assert "lane " in signed_up.stdout
        hot = trigger("hot", found[1], url=url, secret=secret)
        bought = trigger("outcome", found[1], url=url, secret=secret)
        stranger = trigger("signup", url=url, secret="whsec_AAAA")

    assert (hot.exit_code, bought.exit_code) == (0, 0), hot.stderr + bought.stderr
    assert "4 events taken" in hot.stdout
    assert f"{found[1]} is converted" in bought.stdout
    assert stranger.exit_code == 1
    assert "giveget keys add ingest" in stranger.stderr
    store = Store(store_url)
    kept = store.read_now(
        lambda c: c.execute(
            sa.select(leads.c.outcome, sa.func.count(events.c.id))
            .join(events, events.c.lead == leads.c.id)
            .where(leads.c.id == found[1])
            .group_by(leads.c.outcome)
        ).all()
    )
    store.close()
    assert kept == [("converted", 4)]


@pytest.fixture(scope="module")
def stranger_url() -> Iterator[str]:
    """A server that is not Giveget."""

    class Stranger(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(418)
            self.end_headers()
            self.wfile.write(json.dumps({"error": "teapot"}).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Stranger)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_every_mistake_names_the_next_step(stranger_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
    key = "whsec_AAAA"

    no_key = trigger("hot", "l-1", url=nobody)
    no_server = trigger("hot", "l-1", url=nobody, secret=key)
    another = trigger("hot", "l-1", url=stranger_url, secret=key)
    cut = trigger("hot", "l-1", url=nobody, secret="whsec_A")
    kind = trigger("outcome", "l-1", "--kind", "won", url=nobody, secret=key)

    assert (no_key.exit_code, no_server.exit_code, another.exit_code) == (2, 1, 2)
    assert "giveget keys add ingest" in no_key.stderr
    assert "giveget serve" in no_server.stderr
    assert "answered 418" in another.stderr
    assert (cut.exit_code, "cut short" in cut.stderr) == (2, True)
    assert (kind.exit_code, "--kind lost" in kind.stderr) == (2, True)
