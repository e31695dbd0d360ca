from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scoring.dataset.infer import infer_schema
from scoring.dataset.options import Options
from scoring.errors import DataError
from scoring.files.export import Export
from scoring.leads.lead import Lead


def an_export(**columns: list[Any]) -> Export:
    rows = len(next(iter(columns.values())))
    return Export(Path("leads.csv"), rows, columns)


def kinds(export: Export, **options: Any) -> dict[str, str]:
    schema, _ = infer_schema(export, Options(**options))
    return {a.name: a.kind for a in schema.attributes}


def test_types_are_read_from_the_values() -> None:
    export = an_export(
        visits=[str(i % 7) for i in range(100)],
        city=["Rome", "Oslo"] * 50,
        trial=["Yes", "no"] * 50,
        mixed=["1", "2", *["x"] * 98],
    )
    assert kinds(export) == {
        "visits": "number",
        "city": "category",
        "trial": "boolean",
        "mixed": "category",
    }


def test_missing_tokens_do_not_decide_a_type() -> None:
    export = an_export(visits=["3", "NA", "", "Select"] * 25)
    assert kinds(export, missing=("Select",)) == {"visits": "number"}


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([""] * 100, "empty"),
        (["x"] * 100, "the same in every row"),
        ([str(1000 + i) for i in range(100)], "a different whole number in every row"),
        ([f"note {i}" for i in range(100)], "free text or an id"),
        (["2026-01-01", "2026-01-02"] * 50, "a date"),
        ([f"v{i // 5}" for i in range(100)], "no value in 10 rows or more"),
    ],
)
def test_what_teaches_nothing_or_names_people_is_dropped_with_the_reason(
    values: list[str], reason: str
) -> None:
    _, notes = infer_schema(an_export(note=values), Options())
    assert len(notes) == 1
    assert notes[0].startswith(f"note: dropped, {reason}")


def test_keep_overrules_a_drop() -> None:
    export = an_export(note=[f"note {i}" for i in range(100)])
    assert kinds(export, keep=("note",)) == {"note": "category"}


def test_id_target_and_time_are_never_features() -> None:
    export = an_export(key=["1", "2"] * 50, won=["0", "1"] * 50, day=["1", "2"] * 50)
    assert kinds(export, id_column="key", target="won", time_column="day") == {}


def test_known_columns_are_found_by_name_and_by_map() -> None:
    export = an_export(**{"E-Mail Address": ["a@b.com"] * 20, "Funktion": ["CEO"] * 20})
    schema, _ = infer_schema(export, Options(fields={"Funktion": "title"}))
    assert schema.fields == {"E-Mail Address": "email", "Funktion": "title"}


def test_a_map_to_an_unknown_field_lists_the_known_ones() -> None:
    with pytest.raises(DataError, match='fills the field "titel", which no lead has; known fields'):
        infer_schema(an_export(x=["1"]), Options(fields={"x": "titel"}))


def test_behaviour_columns_count_as_engagement() -> None:
    export = an_export(TotalVisits=["1", "2"] * 50, City=["Rome", "Oslo"] * 50)
    schema, _ = infer_schema(export, Options(groups={"City": "engagement"}))
    assert {a.name: a.group for a in schema.attributes} == {
        "TotalVisits": "engagement",
        "City": "engagement",
    }


def test_a_sign_up_is_read_as_a_row_of_the_training_file_was(tmp_path: Path) -> None:
    export = an_export(
        Country=["India", "Select"] * 50, Visits=["3", "4"] * 50, Search=["Yes", "No"] * 50
    )
    schema, _ = infer_schema(export, Options(missing=("Select",)))
    sent = Lead(id="1", attributes={"Country": "India", "Visits": 3.0, "Search": True})
    row = Lead(id="1", attributes={"Country": "India", "Visits": " 3 ", "Search": "yes"})
    admitted = [schema.admit(lead) for lead in (sent, row)]
    assert [lead.country for lead in admitted] == ["India", "India"]
    read = [[a.read(lead.attributes.get(a.name)) for a in schema.attributes] for lead in admitted]
    assert read[0] == read[1] == [3.0, "yes"]
    assert schema.admit(Lead(id="2", attributes={"Country": "Select"})).country is None


def test_a_sign_ups_own_field_wins_over_a_mapped_attribute() -> None:
    schema, _ = infer_schema(an_export(Country=["India", "Peru"] * 50), Options())
    lead = schema.admit(Lead(id="1", country="DE", attributes={"Country": "India"}))
    assert lead.country == "DE"


def test_a_schema_survives_json() -> None:
    export = an_export(Country=["India", "Peru"] * 50, created_at=["2026-01-01"] * 100)
    schema, _ = infer_schema(export, Options(missing=("Select",), time_column="created_at"))
    assert type(schema).from_json(schema.to_json()) == schema
    assert schema.times == {"created_at": "iso"}
