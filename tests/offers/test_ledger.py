"""The chain breaks where an entry was changed, and holds no personal data."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from offers.ledger import START, Entry, append, first_broken, offer_code
from tests.support.policies import NOW


def a_chain(length: int = 5) -> list[Entry]:
    entries: list[Entry] = []
    for index in range(length):
        last = entries[-1] if entries else None
        facts = {"account": f"a{index}", "reserve_minor": index}
        entries.append(append(last, at=NOW, offer="o1", step="issued", facts=facts))
    return entries


def test_a_whole_chain_verifies() -> None:
    entries = a_chain()
    assert entries[0].before == START
    assert [entry.number for entry in entries] == [1, 2, 3, 4, 5]
    assert first_broken(entries) is None
    assert first_broken([]) is None


@pytest.mark.parametrize(
    "change",
    [
        {"facts": {"account": "a2", "reserve_minor": 0}},
        {"step": "redeemed"},
        {"offer": "o2"},
        {"at": datetime(2026, 12, 10, 12, 0, 1, tzinfo=UTC)},
        {"hash": "0" * 64},
        {"number": 9},
    ],
)
def test_a_changed_entry_is_named(change: dict[str, Any]) -> None:
    entries = a_chain()
    entries[2] = replace(entries[2], **change)
    assert first_broken(entries) == 3


def test_a_removed_or_inserted_entry_is_named() -> None:
    entries = a_chain()
    assert first_broken(entries[1:]) == 1
    assert first_broken([*entries[:2], *entries[3:]]) == 3
    assert first_broken([*entries[:2], entries[1], *entries[2:]]) == 3


def test_personal_data_and_naive_times_do_not_enter() -> None:
    with pytest.raises(ValueError, match="leave out email"):
        append(None, at=NOW, offer="o", step="s", facts={"who": [{"email": "a@b.c"}]})
    with pytest.raises(ValueError, match="naive"):
        append(None, at=NOW.replace(tzinfo=None), offer="o", step="s", facts={})


def test_a_code_is_the_same_again_and_differs_between_offers_and_secrets() -> None:
    codes = {offer_code(f"o{index}", b"k") for index in range(1000)}
    assert len(codes) == 1000
    assert offer_code("o1", b"k") == offer_code("o1", b"k") != offer_code("o1", b"other")
    assert all(len(code) == 12 and not set(code) & set("01ILOU") for code in codes)
