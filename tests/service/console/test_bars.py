"""The reasons as bars: the largest first, as long as they weigh, and they add up to the score."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.console.bars import bars_of

HUNDREDTHS = st.integers(-9_000, 9_000)


def a_score(base: int, steps: list[int]) -> dict[str, object]:
    return {
        "base_points": base / 100,
        "points": (base + sum(steps)) / 100,
        "reasons": [
            {"caption": f"reason {i}", "value": None, "points": step / 100}
            for i, step in enumerate(steps)
        ],
    }


@given(HUNDREDTHS, st.lists(HUNDREDTHS, max_size=30))
def test_the_bars_add_up(base: int, steps: list[int]) -> None:
    bars = bars_of(a_score(base, steps))

    every = [bars.start, *bars.reasons, *bars.small]
    assert round(100 * sum(bar.points for bar in every)) == base + sum(steps)
    assert round(100 * every[-1].stands_at) == round(100 * bars.total.stands_at)
    shown = [bars.start, *bars.reasons, *([bars.together] if bars.together else [])]
    assert round(100 * sum(bar.points for bar in shown)) == base + sum(steps)


@given(HUNDREDTHS, st.lists(HUNDREDTHS, min_size=1, max_size=30))
def test_the_largest_comes_first_and_a_bar_is_as_long_as_its_reason_weighs(
    base: int, steps: list[int]
) -> None:
    bars = bars_of(a_score(base, steps))
    every = [*bars.reasons, *bars.small]
    sizes = [abs(bar.points) for bar in every]
    assert sizes == sorted(sizes, reverse=True)
    drawn = [*every, *([bars.together] if bars.together else [])]
    longest = max(abs(bar.points) for bar in drawn)
    for bar in drawn:
        edge = bar.x if bar.points < 0 else bar.x + bar.width
        side = -1 if bar.points < 0 else 1
        assert 0 <= bar.x <= edge + 0.1
        assert bar.x + bar.width <= bars.width + 0.1
        of_half = abs(bar.points) / longest if longest else 0.0
        assert abs(edge - (bars.zero + side * of_half * bars.width / 2)) <= 0.11
