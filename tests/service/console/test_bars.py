"""The reasons as bars: they add up to the score, each beginning where the one before ended."""

from __future__ import annotations

from itertools import pairwise

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
def test_the_bars_add_up_and_touch(base: int, steps: list[int]) -> None:
    bars = bars_of(a_score(base, steps))

    every = [bars.start, *bars.reasons, *bars.small]
    assert round(100 * sum(bar.points for bar in every)) == base + sum(steps)
    assert round(100 * every[-1].stands_at) == round(100 * bars.total.stands_at)
    for before, after in pairwise(every):
        left, right = before.x, before.x + before.width
        assert (
            min(
                abs(end - edge)
                for end in (left, right)
                for edge in (after.x, after.x + after.width)
            )
            <= 1.2
        )
    assert all(bar.x >= 0 and bar.x + bar.width <= bars.width + 1 for bar in every)
    shown = [bars.start, *bars.reasons, *([bars.together] if bars.together else [])]
    assert round(100 * sum(bar.points for bar in shown)) == base + sum(steps)
