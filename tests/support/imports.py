"""Files as people import them by the command, and the store they leave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from typer.testing import CliRunner, Result

from service.cli import app
from service.db.tables.leads import metadata
from tests.support.service import World

HEADER = "Lead ID,Email,Job Title,Seats,Sign-up date,Converted,Industry\n"
GOOD = [
    "L1,ada@acme-foods.example,CFO,80,2026-10-01,no,food\n",
    'L2,bob@acme-foods.example,"Head of\nOperations",5,2026-10-02,yes,food\n',
    "L3,eve@other-firm.example,,,,,\n",
]
BAD = [
    "L4,short@firm.example,CFO\n",
    "L5,date@firm.example,CFO,80,2026-02-31,no,food\n",
    "L6,seats@firm.example,CFO,many,2026-10-01,no,food\n",
    '"L7,quote@firm.example,CFO,80,2026-10-01,no,food\n',
    ",,CFO,80,2026-10-01,no,food\n",
]
ODD = "L8,caf\xe9@firm.example,Caf\xe9,80,2026-10-01,no,food\n".encode("latin-1")
UNTOLD = {
    *("imports", "import_facts", "import_snapshots", "audit", "secrets", "alembic_version"),
    "stale_figures",  # what is to be counted anew, which it is after an undo
}


def giveget(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["import", *arguments])


def a_damaged_file(folder: Path) -> Path:
    path = folder / "leads.csv"
    rows = [HEADER, GOOD[0], *BAD, GOOD[1]]
    path.write_bytes("".join(rows).encode() + ODD + GOOD[2].encode())
    return path


def everything(url: str) -> dict[str, list[Any]]:
    """Every row of every table but the import's own books and the audit."""
    with World(url) as world:
        told = (t for t in metadata.sorted_tables if t.name not in UNTOLD | {"keys", "key_secrets"})
        return {table.name: sorted(map(repr, world.rows(sa.select(table)))) for table in told}


def an_id(done: Result) -> str:
    assert done.exit_code == 0, done.output
    return done.stdout.split()[-1]


def an_import(tmp_path: Path, kind: str, text: str, url: str, *options: str) -> Result:
    path = tmp_path / f"{kind}.csv"
    path.write_text(text, encoding="utf-8")
    return giveget(kind, str(path), "--yes", "--db", url, *options)


def the_lead(url: str, lead_id: str) -> dict[str, Any]:
    with World(url) as world:
        lead: dict[str, Any] = world.get("manager", f"/v1/leads/{lead_id}").json()["lead"]
    return lead
