"""What kind of attribute a column is, from its values only, or why it is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from scoring.dataset.headings import names_a_code, names_a_date
from scoring.dataset.options import Options
from scoring.files.export import Export
from scoring.files.numbers import is_placeholder
from scoring.files.reading import WORTH_SAYING, FileEvidence, Reading
from scoring.files.times import AGO, LENGTH, names_no_moment
from scoring.files.values import as_boolean, as_category, as_number, present
from scoring.leads.columns import RARE_ROWS
from scoring.leads.lead import Value
from scoring.model.schema import AttributeKind

MIN_NUMERIC_SHARE = 0.98
MIN_FILLED_SHARE = 0.2
"""Of the cells, the numbers beside which "-" is a missing number and no category."""
MAX_DISTINCT_SHARE = 0.5
_LOOKED_AT = 200
"""Distinct texts that tell of what kind a column's are."""
_DIGITS_OF_AN_ID, _GAPS_OF_IDS = 6, 10
"""Ids have at least so many digits, all as many, or skip at most so many numbers for each one."""


@dataclass(slots=True)
class Inference:
    """The schema as it comes about."""

    export: Export
    options: Options
    evidence: FileEvidence
    notes: list[str] = field(default_factory=list)
    times: dict[str, str] = field(default_factory=dict)
    readings: dict[str, Reading] = field(default_factory=dict)

    def present(self, name: str) -> list[Value]:
        values = (present(v, self.options.missing) for v in self.export.columns[name])
        return [v for v in values if v is not None]


def kind_of(work: Inference, name: str) -> AttributeKind | None:
    """The attribute's type, or `None` after noting why it is dropped."""
    found = work.present(name)
    rows, options = work.export.rows, work.options
    distinct = Counter(as_category(v) for v in found)
    numbers = work.evidence.numbers[name]
    share = max(numbers.read["point"], numbers.read["comma"]) / max(numbers.cells, 1)
    reason = None
    kind: AttributeKind = "category"
    if not found:
        reason = "empty"
    elif len(distinct) == 1 and len(found) == rows:
        reason = "the same in every row"
    elif share >= MIN_NUMERIC_SHARE and numbers.read["either"] >= MIN_FILLED_SHARE * len(found):
        whole = all((n := as_number(v)) is None or n.is_integer() for v in found)
        plain = whole and not numbers.needs_form["point"] and not numbers.needs_form["comma"]
        if plain and names_a_code(name):
            reason = _as_category(distinct, len(found))
        elif plain and _are_compact_dates(work, name):
            reason = "a date; name it with --time or --map if it belongs to the lead's clock"
        elif names_a_code(name) and len(distinct) >= max(20, 0.99 * rows):
            reason = "another number in every row, as an id has"
        else:
            kind = "number"
            if plain and len(distinct) >= max(20, 0.99 * rows) and _runs_like_ids(found):
                reason = "a different whole number in every row, as an id has"
    elif all(as_boolean(v) is not None for v in found):
        kind = "boolean"
    elif _are_times(work, name):
        reason = "a date; name it with --time or --map if it belongs to the lead's clock"
    else:
        reason = _as_category(distinct, len(found))
        reason = _no_moments(distinct, is_category=reason is None) or reason
    if reason and 0.5 <= share < MIN_NUMERIC_SHARE and kind == "category":
        reason += f"; {_odd_numbers(found, share)}"
    if kind == "number" and not reason:
        _say_placeholders(work, name, found)
    if reason is None or (name in options.keep and found):
        return kind
    work.notes.append(f"{name}: dropped, {reason}")
    return None


def _runs_like_ids(found: Sequence[Value]) -> bool:
    """Whether whole numbers are dealt out one after the other, or all as long, as ids are.

    A revenue too is another in every row, but it spreads from hundreds to millions.
    """
    numbers = [n for v in found if (n := as_number(v)) is not None]
    low, high = min(numbers), max(numbers)
    if len(f"{low:.0f}") == len(f"{high:.0f}") >= _DIGITS_OF_AN_ID:
        return True
    steps = [b - a for a, b in pairwise(numbers)]
    in_order = all(step > 0 for step in steps) or all(step < 0 for step in steps)
    return in_order or high - low <= _GAPS_OF_IDS * len(numbers)


def _as_category(distinct: Counter[str | None], filled: int) -> str | None:
    """Why a column is no category either; `None` where it is one."""
    if len(distinct) > MAX_DISTINCT_SHARE * filled and filled >= RARE_ROWS:
        return "free text or an id (different in most rows)"
    if max(distinct.values()) < RARE_ROWS:
        return f"no value in {RARE_ROWS} rows or more"
    return None


def _are_compact_dates(work: Inference, name: str) -> bool:
    """Whether whole numbers under a heading of a date are days such as 20260331."""
    evidence = work.evidence.times[name]
    return names_a_date(name) and evidence.counted["yyyymmdd"] >= MIN_NUMERIC_SHARE * evidence.cells


def _are_times(work: Inference, name: str) -> bool:
    evidence = work.evidence.times[name]
    ordered = evidence.clear + evidence.differing + evidence.same + sum(evidence.only.values())
    return evidence.cells > 0 and ordered >= (1 - WORTH_SAYING) * evidence.cells


def _no_moments(distinct: Counter[str | None], *, is_category: bool) -> str | None:
    """Why a column of lengths of time that are no category, or of "2 days ago", is left out."""
    texts = [text for text in list(distinct)[:_LOOKED_AT] if text]
    told = Counter(what for text in texts if (what := names_no_moment(text)))
    what, cells = told.most_common(1)[0] if told else ("", 0)
    if 2 * cells <= len(texts):
        return None
    example = next(text for text in texts if names_no_moment(text) == what)
    if what == LENGTH and not is_category:
        return f'{what} ("{example}"); export it as a number, such as of hours'
    if what == AGO:
        return f'{what} ("{example}"); export the time itself'
    return None


def _odd_numbers(found: Sequence[Value], share: float) -> str:
    odd = Counter(
        str(v)[:20]
        for v in found
        if as_number(v, "point") is None and as_number(v, "comma") is None
    )
    texts = ", ".join(f'"{text}"' for text, _ in odd.most_common(2))
    return (
        f"{share:.0%} of its cells are numbers, the others are such as {texts}: mend them, or "
        "name what means not given with --missing"
    )


def _say_placeholders(work: Inference, name: str, found: Sequence[Value]) -> None:
    odd = Counter(v for v in found if isinstance(v, str) and is_placeholder(v))
    if odd:
        said = ", ".join(f'"{text}" ({n:,})' for text, n in odd.most_common(3))
        work.notes.append(
            f"{name}: {len(found) - sum(odd.values()):,} of {len(found):,} cells are numbers; "
            f"{said} is read as not given, as --missing would say"
        )
