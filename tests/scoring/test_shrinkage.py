"""Shares that are pulled together, against channels whose true shares are planted."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from scoring.value.shrinkage import shrunk
from tests.support.channel_worlds import SEEDS, channels


def ranks(values: Sequence[float]) -> list[float]:
    """From 0; equal ones share the middle of their ranks."""
    ordered = sorted(values)
    return [(2 * ordered.index(v) + ordered.count(v) - 1) / 2 for v in values]


def error(told: Sequence[float], true: Sequence[float]) -> float:
    return sum((a - b) ** 2 for a, b in zip(told, true, strict=True))


def test_shrunk_channels_are_nearer_the_truth_than_raw_ones_by_a_fifth() -> None:
    raw_rates = shrunk_rates = raw_ranks = shrunk_ranks = 0.0
    for seed in SEEDS:
        world = channels(seed)
        true = [channel.rate for channel in world]
        raw = [channel.bought / channel.accounts for channel in world]
        pulled = shrunk([c.bought for c in world], [c.accounts for c in world])
        raw_rates += error(raw, true)
        shrunk_rates += error([one.share for one in pulled], true)
        raw_ranks += error(ranks(raw), ranks(true))
        shrunk_ranks += error([one.rank for one in pulled], ranks(true))
    assert shrunk_rates <= 0.8 * raw_rates
    assert shrunk_ranks <= 0.8 * raw_ranks


def shares(counts: Sequence[int], sizes: Sequence[int]) -> list[float]:
    return [one.share for one in shrunk(counts, sizes)]


def test_a_large_group_keeps_its_share_and_a_small_one_goes_to_the_middle() -> None:
    counts, sizes = [900, 100, 0, 1], [2000, 2000, 2, 2]
    large, other, none, half = shares(counts, sizes)
    assert (large, other) == (pytest.approx(0.45, abs=0.01), pytest.approx(0.05, abs=0.01))
    assert 0.05 < none < half < 0.45


def test_groups_that_differ_by_chance_alone_are_one() -> None:
    assert shares([10, 10, 10], [100, 100, 100]) == pytest.approx([0.1, 0.1, 0.1])
    assert shares([3], [10]) == pytest.approx([0.3])
    assert shares([0, 0], [0, 0]) == [0.0, 0.0]
    assert shares([5, 0], [50, 0]) == pytest.approx([0.1, 0.1])
    assert shares([0, 0], [9, 5]) == [0.0, 0.0]
