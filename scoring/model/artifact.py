"""A model on disk: `model.json` (readable, cannot execute), `report.html`, `SHA256SUMS`.

Checksums are verified before anything is parsed, so a damaged or half-copied directory is
refused by name and never reaches a parser.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scoring.errors import ModelError
from scoring.features import Feature
from scoring.model.account_part import AccountPart
from scoring.model.pair_table import Axis, CategoryAxis, NumberAxis, PairTable
from scoring.model.schema import Schema
from scoring.model.tables import CategoryTable, NumberTable, Table, TableModel

FORMAT = "giveget-model/2"
SUMS = "SHA256SUMS"
_FILES = ("model.json", "report.html")
_MOST_BYTES = 256_000_000
_NUMBERS = re.compile(r"\[\n\s+-?\d[-+.\de,\s]*\]")
"""A list of numbers spread over lines; a text in JSON holds no line break."""


def digest(text: str) -> str:
    """sha256 of a text's UTF-8 bytes, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def text(
    *,
    kind: str,
    verdict: str,
    why: str,
    table_model: TableModel,
    features: Sequence[Feature],
    schema: Schema,
    facts: Mapping[str, Any],
    account: AccountPart | None = None,
) -> str:
    """The content of `model.json`: equal models give equal text."""
    stored = {
        "format": FORMAT,
        "kind": kind,
        "verdict": verdict,
        "why": why,
        "unit": "hundredths of points; points = 20 * log2(odds)",
        "base": table_model.base,
        "features": [
            {
                "name": f.name,
                "caption": f.caption,
                "group": f.group,
                "kind": f.kind,
                "table": _table_json(table),
            }
            for f, table in zip(features, table_model.tables, strict=True)
        ],
        "pairs": [_pair_json(pair) for pair in table_model.pairs],
        "schema": schema.to_json(),
        "facts": dict(facts),
    } | ({} if account is None else {"account": _account_json(account)})
    spread = json.dumps(stored, indent=1, ensure_ascii=False, allow_nan=False)
    return _NUMBERS.sub(lambda found: " ".join(found[0].split()), spread) + "\n"


def _table_json(table: Table) -> dict[str, Any]:
    if isinstance(table, NumberTable):
        return {
            "up_to": list(table.thresholds),
            "cells": list(table.cells),
            "missing": table.missing,
        }
    return {"cells": dict(table.cells), "other": table.other, "missing": table.missing}


def _account_json(part: AccountPart) -> dict[str, Any]:
    return {
        "kind": part.kind,
        "why": part.why,
        "slope": part.slope,
        "centre": part.centre,
        "base": part.table_model.base,
        "features": [
            {
                "name": table.feature,
                "kind": "number" if isinstance(table, NumberTable) else "category",
                "table": _table_json(table),
            }
            for table in part.table_model.tables
        ],
        "facts": dict(part.facts),
    }


def _pair_json(pair: PairTable) -> dict[str, Any]:
    return {"axes": [_axis_json(pair.first), _axis_json(pair.second)], "cells": pair.cells}


def _axis_json(axis: Axis) -> dict[str, Any]:
    if isinstance(axis, NumberAxis):
        return {"feature": axis.feature, "up_to": list(axis.thresholds)}
    return {"feature": axis.feature, "levels": list(axis.levels)}


def write(directory: Path, model_text: str, report: str) -> None:
    """Put the files in place by one rename; an older model there is replaced whole."""
    if directory.exists() and not _is_ours(directory):
        raise ModelError(f"{directory} exists and is no model; name another --out")
    directory.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    try:
        contents = {"model.json": model_text, "report.html": report}
        for name, content in contents.items():
            (made / name).write_text(content, encoding="utf-8")
        sums = "".join(f"{digest(contents[name])}  {name}\n" for name in _FILES)
        (made / SUMS).write_text(sums, encoding="utf-8")
        made.chmod(0o755)
        if directory.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{directory.name}-old-", dir=directory.parent))
            directory.rename(old / "model")
            made.rename(directory)
            shutil.rmtree(old)
        else:
            made.rename(directory)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def copy_model(source: Path, target: Path) -> None:
    """Put a copy of an intact model directory in the place of another, by one rename.

    Raises `ModelError` when the source is damaged, or the target holds anything but a model.
    """
    read(source)
    model_text, report = ((source / name).read_text(encoding="utf-8") for name in _FILES)
    write(target, model_text, report)


def _is_ours(directory: Path) -> bool:
    return directory.is_dir() and {p.name for p in directory.iterdir()} <= {SUMS, *_FILES}


def read(directory: Path) -> dict[str, Any]:
    """The parsed `model.json` of a directory whose every file matches its checksum."""
    if not directory.is_dir():
        raise ModelError(
            f"{directory} is not a model directory; train one with: giveget model train"
        )
    contents = {}
    for name in (SUMS, *_FILES):
        try:
            contents[name] = _bytes_of(directory / name)
        except OSError as error:
            raise ModelError(
                f"{directory.name} has no readable {name}; copy the whole model directory again"
            ) from error
    expected = "".join(f"{hashlib.sha256(contents[name]).hexdigest()}  {name}\n" for name in _FILES)
    if contents[SUMS] != expected.encode():
        damaged = [
            name
            for name in _FILES
            if f"{hashlib.sha256(contents[name]).hexdigest()}  {name}\n".encode()
            not in contents[SUMS]
        ]
        raise ModelError(
            f"{directory.name}/{(damaged or [SUMS])[0]} does not match its checksum: damaged or "
            "edited; copy the model again or train it again"
        )
    try:
        stored = json.loads(contents["model.json"])
    except (ValueError, RecursionError) as error:
        raise ModelError(
            f"{directory.name}/model.json is not JSON; train the model again"
        ) from error
    if not isinstance(stored, dict) or stored.get("format") != FORMAT:
        raise ModelError(
            f"{directory.name}/model.json is not of format {FORMAT}; train the model again"
        )
    return stored


def _bytes_of(path: Path) -> bytes:
    """A regular file's bytes: a device never ends, and opening a pipe waits for its other end."""
    if not path.is_file() or path.stat().st_size > _MOST_BYTES:
        raise OSError(f"{path.name} is no file of at most {_MOST_BYTES:,} bytes")
    return path.read_bytes()


def schema(stored: Mapping[str, Any]) -> Schema:
    """The schema of a parsed model."""
    return Schema.from_json(stored["schema"])


def table_model(stored: Mapping[str, Any]) -> TableModel:
    """The tables of a parsed model; raises `ValueError` for a cell that is no whole number."""
    tables = tuple(_table(entry) for entry in stored["features"])
    kinds = {entry["name"]: entry["kind"] for entry in stored["features"]}
    pairs = tuple(_pair(entry, kinds) for entry in stored["pairs"])
    return TableModel(_whole(stored["base"]), tables, pairs)


def account_part(stored: Mapping[str, Any]) -> AccountPart | None:
    """The part on accounts of a parsed model; None where it was made before there were any."""
    kept = stored.get("account")
    if kept is None:
        return None
    tables = tuple(_table(entry) for entry in kept["features"])
    return AccountPart(
        kind=kept["kind"],
        why=kept["why"],
        slope=_whole(kept["slope"]),
        centre=_whole(kept["centre"]),
        table_model=TableModel(_whole(kept["base"]), tables),
        facts=kept["facts"],
    )


def _table(entry: Mapping[str, Any]) -> Table:
    name, table = entry["name"], entry["table"]
    if entry["kind"] == "number":
        edges = _edges(name, table["up_to"])
        cells = tuple(_whole(cell) for cell in table["cells"])
        if len(cells) != len(edges) + 1:
            raise ValueError(f'"{name}" has {len(cells)} cells for {len(edges) + 1} steps')
        return NumberTable(name, edges, cells, _whole(table["missing"]))
    cells_of_levels = {str(level): _whole(cell) for level, cell in table["cells"].items()}
    return CategoryTable(name, cells_of_levels, _whole(table["other"]), _whole(table["missing"]))


def _pair(entry: Mapping[str, Any], kinds: Mapping[str, str]) -> PairTable:
    first, second = (_axis(axis, kinds) for axis in entry["axes"])
    cells = tuple(tuple(_whole(cell) for cell in row) for row in entry["cells"])
    if len(cells) != first.size or any(len(row) != second.size for row in cells):
        raise ValueError(f"{first.feature} × {second.feature} has not a cell for every place")
    return PairTable(first, second, cells)


def _axis(axis: Mapping[str, Any], kinds: Mapping[str, str]) -> Axis:
    name = axis["feature"]
    if kinds[name] == "number":
        return NumberAxis(name, _edges(name, axis["up_to"]))
    return CategoryAxis.of(name, tuple(str(level) for level in axis["levels"]))


def _edges(name: str, stored: Sequence[float]) -> tuple[float, ...]:
    edges = tuple(float(edge) for edge in stored)
    if list(edges) != sorted(set(edges)):
        raise ValueError(f'the steps of "{name}" are not in order')
    return edges


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{value!r} is no whole number of hundredths")
    return value
