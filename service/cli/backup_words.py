"""What `giveget backup` and `giveget restore` say: where the copy is, what it holds, what next."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

_NAMED = {
    "leads": "leads",
    "accounts": "accounts",
    "events": "events",
    "offers": "offers",
    "outbox": "mails",
    "people": "log-ins",
}
"""The tables that a person asks for by name, and what is in them."""


def backed_up(
    file: Path, rows: Mapping[str, int], *, emails: Path | None, key_file: Path | None
) -> str:
    """The lines after a backup; `emails` is the file of one's own mails beside it, `key_file` the
    master key's, None where the environment holds it."""
    key = "GIVEGET_SECRET_KEY" if key_file is None else str(key_file.absolute())
    given = "" if key_file is None else f"GIVEGET_SECRET_KEY_FILE={shlex.quote(key)} "
    lines = [
        f"Backed up to {file} ({_sized(file.stat().st_size)}): complete and checked.",
        f"It holds {_held(rows)}.",
        *([f"Your own mails are beside it, in {emails}."] if emails is not None else []),
        f"Its secrets open only with the master key in {key}: keep a copy of it, apart from this "
        "backup.",
        "To restore it into a new, empty store (an SQLite file, or a PostgreSQL database's URL):",
        f"  {given}giveget restore {shlex.quote(str(file))} --db sqlite:///restored.db",
        *(["  with the same GIVEGET_SECRET_KEY in the environment"] if key_file is None else []),
    ]
    return "\n".join(lines)


def restored(file: Path, rows: Mapping[str, int], db: str) -> str:
    """The lines after a restore; `db` is the new store's URL, without its password."""
    return f"Restored {file} into {db}: {_held(rows)}.\nLook at it before it serves: giveget doctor"


def _sized(size: int) -> str:
    """A file's size, as people read it."""
    return f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:,.0f} kB"


def _held(rows: Mapping[str, int]) -> str:
    """How many rows, and of what a person asks for by name how many."""
    named = ", ".join(_counted(rows))
    return f"{sum(rows.values()):,} rows" + (f": {named} and what belongs to them" if named else "")


def _counted(rows: Mapping[str, int]) -> Iterator[str]:
    for table, name in _NAMED.items():
        if count := rows.get(table):
            yield f"{count:,} {name if count != 1 else name.removesuffix('s')}"
