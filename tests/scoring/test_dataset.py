from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scoring.dataset.dataset import build_dataset, lead_order, read_leads
from scoring.dataset.lead_ids import read_events
from scoring.dataset.target import read_target
from scoring.errors import DataError
from scoring.files.export import Export
from scoring.leads.lead import Event, Lead
from scoring.model.schema import Attribute, Schema

START = datetime(2026, 1, 1, tzinfo=UTC)


def an_export(**columns: list[Any]) -> Export:
    return Export(Path("leads.csv"), len(next(iter(columns.values()))), columns)


def leads(count: int) -> list[Lead]:
    return [
        Lead(id=str(i), signed_up_at=START + timedelta(hours=i), attributes={"x": float(i % 3)})
        for i in range(count)
    ]


SCHEMA = Schema(attributes=(Attribute(name="x", kind="number", group="fit"),))


@pytest.mark.parametrize(
    ("values", "positive", "expected"),
    [
        (["0", "1"], (), [0, 1]),
        (["no", "yes"], (), [0, 1]),
        (["False", "True"], (), [0, 1]),
        ([0, 1], (), [0, 1]),
        (["lost", "won"], (), [0, 1]),
        (["Verloren", "Gewonnen", "gewonnen"], (), [0, 1, 1]),
        (["7 - Closed Won", "8 - Closed Lost"], (), [1, 0]),
        (["失注", "成約"], (), [0, 1]),
        (["a", "b"], ("a",), [1, 0]),
        (["0.0", "1.0", "1"], (), [0, 1, 1]),
        (["0.0", "1.0"], ("1",), [0, 1]),
        (["Nein", "JA", "ja", "Ja "], ("ja",), [0, 1, 1, 1]),
        (["a", "b", "c"], ("a", "C"), [1, 0, 1]),
    ],
)
def test_the_target_is_read(
    values: list[Any], positive: tuple[str, ...], expected: list[int]
) -> None:
    assert read_target(an_export(y=values), "y", positive).y.tolist() == expected


@pytest.mark.parametrize(
    ("values", "positive", "said"),
    [
        (["1", ""], (), 'row 2: "y" is empty'),
        (["1", "1"], (), "one class only: every lead is converted"),
        (["0", "0"], (), "one class only: every lead is not converted"),
        (["a", "b"], (), "say which value means converted with --positive"),
        (["a", "b", "c"], (), "say which value means converted with --positive"),
        (["Gewonnen", "Nicht gewonnen"], (), "say which value means converted with --positive"),
        (["Verloren", "Offen", "Gewonnen"], (), "say which value means converted with --positive"),
        (["0", "1"], ("2",), "never holds the --positive value given; it holds 0, 1"),
    ],
)
def test_a_target_that_cannot_be_used_is_refused(
    values: list[str], positive: tuple[str, ...], said: str
) -> None:
    with pytest.raises(DataError, match=said):
        read_target(an_export(y=values), "y", positive)


def test_open_rows_are_left_out_and_every_value_is_said_with_its_rows() -> None:
    export = an_export(stage=["Won", "Lost", "won", "Talking", "", "Lost"])
    target = read_target(export, "stage", ("Won",), ("Lost",), ("talking", ""))
    assert target.y[~target.is_open].tolist() == [1, 0, 1, 0]
    assert target.is_open.tolist() == [False, False, False, True, True, False]
    said = " ".join(target.sentences())
    assert "converted: Won (2)" in said
    assert "not converted: Lost (2)" in said
    assert "Talking (1)" in said


def test_a_value_that_no_option_names_is_asked_about_where_both_sides_are_named() -> None:
    export = an_export(stage=["Won", "Lost", "Talking"])
    with pytest.raises(DataError, match="also holds Talking, which neither"):
        read_target(export, "stage", ("Won",), ("Lost",))


def test_a_value_that_seems_undecided_is_said_to_count_as_not_converted() -> None:
    target = read_target(an_export(stage=["Won", "Lost", "Open", "Open"]), "stage", ("Won",))
    assert any('--open "Open"' in sentence for sentence in target.sentences())


@pytest.mark.parametrize(
    "values",
    [
        ["3", "1", "2"],
        ["2026-03-01", "2026-01-01", "2026-02-01"],
        ["03/01/2026", "01/01/2026", "02/01/2026"],
    ],
)
def test_leads_are_ordered_by_a_number_or_a_date(values: list[str]) -> None:
    assert lead_order(an_export(t=values), "t", file_order=False).tolist() == [1, 2, 0]  # type: ignore[union-attr]


def test_a_time_that_is_neither_names_its_row() -> None:
    with pytest.raises(DataError, match='row 2: "t" is neither a number nor a date'):
        lead_order(an_export(t=["1", "x"]), "t", file_order=False)


@pytest.mark.parametrize("wrong", ["31/02/2025", "soon", ""])
def test_a_wrong_date_among_right_ones_names_its_own_row(wrong: str) -> None:
    dates = ["13/01/2025", "14/01/2025", wrong, "15/01/2025"]
    with pytest.raises(DataError, match="row 3"):
        lead_order(an_export(t=dates), "t", file_order=False)


@pytest.mark.parametrize(
    ("ids", "said"), [(["a", ""], "row 2"), (["a", "a"], "repeats that of row 1")]
)
def test_every_lead_needs_an_id_of_its_own(ids: list[str], said: str) -> None:
    with pytest.raises(DataError, match=said):
        read_leads(an_export(id=ids), Schema(id_column="id"))


def test_a_lead_gives_a_row_at_each_landmark_it_lived_to_unconverted() -> None:
    event = Event(id="e", lead_id="0", name="login", at=START, known_at=START)
    data = build_dataset(
        leads(2),
        np.array([1, 0]),
        SCHEMA,
        order=np.array([0, 1]),
        events={"0": [event]},
        converted_at=[START + timedelta(days=2), None],
        observed_until=START + timedelta(days=8),
    )
    assert data.lead.tolist() == [0, 0, 1, 1, 1, 1]
    assert data.y.tolist() == [1, 1, 0, 0, 0, 0]


def test_a_conversion_that_nobody_knows_the_date_of_gives_the_row_of_its_sign_up_only() -> None:
    data = build_dataset(
        leads(2),
        np.array([1, 0]),
        SCHEMA,
        order=np.arange(2),
        events={},
        converted_at=[None, None],
        observed_until=START + timedelta(days=60),
    )
    assert data.lead.tolist() == [0, 1, 1, 1, 1, 1]


def test_rows_of_a_lead_never_straddle_a_split() -> None:
    data = build_dataset(
        leads(10),
        np.array([0, 1] * 5),
        SCHEMA,
        order=np.arange(10),
        events={},
        converted_at=[START + timedelta(days=59)] * 10,
        observed_until=START + timedelta(days=60),
    )
    old, new = data.between(0, 0.8), data.between(0.8, 1)
    assert set(old.lead.tolist()) == set(range(8))
    assert set(new.lead.tolist()) == {8, 9}
    assert len(old.y) + len(new.y) == len(data.y) == 50


def test_a_feature_that_says_the_same_of_everybody_is_left_out() -> None:
    same = [Lead(id=str(i), attributes={"x": 1.0}) for i in range(4)]
    data = build_dataset(same, np.array([0, 1, 0, 1]), SCHEMA, order=None)
    assert "x" not in data.columns


def test_what_was_learnt_later_does_not_reach_an_earlier_row() -> None:
    late = Lead(
        id="1",
        signed_up_at=START,
        title="CEO",
        attributes={"x": 5.0},
        known_at={"x": START + timedelta(days=1), "title": START + timedelta(days=1)},
    )
    then = late.as_of(START)
    assert (then.title, then.attributes) == (None, {})
    assert late.as_of(START + timedelta(days=1)) is late


def test_events_are_read_by_their_usual_names() -> None:
    export = an_export(
        user_id=["1", "1"], event=["login", "invite"], timestamp=["2026-01-01", "2026-01-02 10:00"]
    )
    found = read_events(export)["1"]
    assert [e.name for e in found] == ["login", "invite"]
    assert found[1].at == datetime(2026, 1, 2, 10, tzinfo=UTC)


def test_an_events_file_without_a_time_or_with_a_bad_one_is_refused() -> None:
    with pytest.raises(DataError, match="no column for the event's time"):
        read_events(an_export(lead_id=["1"], name=["x"]))
    with pytest.raises(DataError, match="row 2: the time cannot be read"):
        read_events(an_export(lead_id=["1", "1"], name=["x", "y"], at=["2026-01-01", "soon"]))
