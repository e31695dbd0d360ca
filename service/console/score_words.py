"""A score as a rep reads it: a chance, how it compares, what speaks for and against. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scoring.model.points import probability
from service.console.bars import said
from service.console.reason_phrases import phrase

_FOR, _AGAINST = 3, 1
_SAME = 0.1  # of the average: less than a tenth off is said to be as good as it


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreWords:
    """The chance and its heaviest reasons, each as a phrase or `caption: value`."""

    chance: str
    compared: str
    speak_for: Sequence[str]
    speak_against: Sequence[str]


def score_words(score: Mapping[str, Any]) -> ScoreWords:
    """`22%`, `2.1 × the average trial`, three reasons for and one against."""
    average = probability(round(100 * score["base_points"]))
    times = score["probability"] / average
    found = sorted(score["reasons"], key=lambda reason: -abs(reason["points"]))
    return ScoreWords(
        chance=_percent(score["probability"]),
        compared="as the average trial"
        if abs(times - 1) < _SAME
        else f"{times:.1f} × the average trial",
        speak_for=[_told(each) for each in found if each["points"] > 0][:_FOR],
        speak_against=[_told(each) for each in found if each["points"] < 0][:_AGAINST],
    )


def _percent(share: float) -> str:
    """Whole percents, tenths below ten."""
    return f"{100 * share:.0f}%" if share >= 0.1 else f"{100 * share:.1f}%"


def _told(reason: Mapping[str, Any]) -> str:
    told = phrase(reason["caption"], reason["value"])
    return told or f"{reason['caption']}: {said(reason['value']).replace('_', ' ')}"
