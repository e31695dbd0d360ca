"""Signed heads of the books: the newest entry of ledger and audit, vouched for from outside them.

A head is signed with a key that the store keeps sealed, so whoever can write to the store but has
no master key can neither cut a chain's end nor write it anew below a head. The store holds the
newest one from its first start, so that one that is missing tells as much; each backup so holds its
own; older ones lie in the file of `GIVEGET_ANCHORS`, or with whoever is told `books.anchored`,
since a store can be put back as a whole.
"""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa

from service.domain.lead_record import time_text
from service.store.offers import ledger
from service.store.ops import audit, keys

_HEAD = "head"
_CHAINS = {"ledger": ledger, "audit": audit}
_EVERY = timedelta(days=1)
Head = dict[str, Any]  # JSON: `at`, `ledger` and `audit` (each `number`, `hash`), `signature`
Signers = Sequence[bytes]  # the newest first


class Doubt(NamedTuple):
    """What does not fit: a code, and a sentence."""

    code: str
    says: str


def head(connection: sa.Connection, signers: Signers, now: datetime) -> Head:
    """The signed head of the books as they stand."""
    told: Head = {"at": time_text(now)}
    for name, chain in _CHAINS.items():
        number, sealed = chain.end(connection)
        told[name] = {"number": number, "hash": sealed}
    return told | {"signature": _signature(told, signers[0])}


def begin(connection: sa.Connection, signers: Signers, now: datetime) -> None:
    """Sign the books as they stand, whatever was signed before."""
    keys.put_own(connection, _HEAD, json.dumps(head(connection, signers, now)))


def has_moved(connection: sa.Connection, signers: Signers) -> bool:
    """Whether the books went on from the head that the store holds; never where it does not fit."""
    known = kept(connection)
    if not known or not any(
        chain.end(connection) != (known[name]["number"], known[name]["hash"])
        for name, chain in _CHAINS.items()
    ):
        return False
    return not any(doubts(connection, signers))


def kept(connection: sa.Connection) -> Head:
    """The head that the store holds; empty where it holds none."""
    return _read(keys.own(connection, _HEAD) or "") or {}


def keep(connection: sa.Connection, signers: Signers, now: datetime) -> Head:
    """The store's head, moved on to where the books stand; one that does not fit stays."""
    if has_moved(connection, signers):
        begin(connection, signers, now)
    return kept(connection)


def doubts(
    connection: sa.Connection, signers: Signers, anchors: Sequence[str] = ()
) -> Iterator[Doubt]:
    """What of the books was cut or written anew below the store's head, or one of `anchors`."""
    text = keys.own(connection, _HEAD)
    if text is None:
        yield Doubt("no_head", "the signed head of the books is gone: somebody took it out")
    else:
        yield from _against(connection, signers, text, "the head in the store")
    for number, line in enumerate(anchors, start=1):
        yield from _against(connection, signers, line, f"line {number} of the anchors")


def add_anchor(file: Path, made: Head) -> None:
    """Add a head to a file, once a day. Raises OSError."""
    with file.open("a+", encoding="utf-8") as opened:
        opened.seek(0)
        newest = (opened.read().splitlines() or [""])[-1]
        before = _read(newest)
        if before is not None and made["at"] < _later(before["at"], _EVERY):
            return
        opened.write(json.dumps(made) + "\n")
        opened.flush()
        os.fsync(opened.fileno())


def _against(connection: sa.Connection, signers: Signers, text: str, where: str) -> Iterator[Doubt]:
    told = _read(text)
    signature = None if told is None else told.pop("signature", None)
    if told is None or not isinstance(signature, str) or not _is_ours(told, signature, signers):
        yield Doubt("forged_head", f"{where} is not signed by this store")
        return
    for name, chain in _CHAINS.items():
        number = told[name]["number"]
        if number and chain.hash_at(connection, number) != told[name]["hash"]:
            yield Doubt(
                f"cut_{name}",
                f"{where}, of {told['at']}, names entry {number} of the {name}, which is gone or "
                "another: its end was cut, or written anew",
            )


def _read(line: str) -> Head | None:
    """A head as it was written; None when it is none."""
    try:
        told = json.loads(line)
        for name in _CHAINS:
            int(told[name]["number"])
        datetime.fromisoformat(told["at"])
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return dict(told)


def _is_ours(told: Mapping[str, Any], signature: str, signers: Signers) -> bool:
    made = (_signature(told, key) for key in signers)
    return any(hmac.compare_digest(each.encode(), signature.encode()) for each in made)


def _signature(told: Mapping[str, Any], key: bytes) -> str:
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return hmac.new(key, text.encode(), "sha256").hexdigest()


def _later(text: str, by: timedelta) -> str:
    return time_text(datetime.fromisoformat(text) + by)
