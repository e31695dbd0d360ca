"""Online, local, Dask and Spark give the same number, and a file of any size is read strictly."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from scoring.batch import score_export, score_file
from scoring.batch.dask_engine import DaskEngine, dask_engine
from scoring.batch.engine import Engine
from scoring.batch.local import LocalEngine
from scoring.batch.spark_engine import spark_engine, why_not
from scoring.contact import Contact, read_contact
from scoring.dataset.dataset import read_leads
from scoring.dataset.lead_ids import read_events
from scoring.errors import DataError
from scoring.files.export import read_export
from scoring.files.values import as_time
from scoring.leads.colleagues import Colleagues, account_of
from scoring.leads.counters import Rollup
from scoring.leads.lead import Lead
from scoring.model.model import Model
from tests.support.batch import a_model, some_trials, write_csv, write_events, write_leads

AS_OF = "2026-05-01T12:00:00Z"
# dask's own use of pandas, in this process because the test's scheduler is this thread
pandas_in_dask = pytest.mark.filterwarnings("ignore:The inplace keyword")


@dataclass(frozen=True)
class World:
    """Files of simulated trials and a model for them."""

    leads: Path
    events: Path
    model: Model
    folder: Path

    def scored(self, engine: Engine | None = None, name: str = "out.csv", **options: str) -> bytes:
        """The bytes of the file that an engine writes."""
        out = self.folder / name
        score_file(
            self.leads,
            self.model,
            out,
            as_of=options.get("as_of", AS_OF),
            events=self.events,
            with_reasons=True,
            engine=engine,
        )
        return out.read_bytes()


def a_world(folder: Path, count: int) -> World:
    trials = some_trials(count)
    leads = write_leads(folder, trials)
    return World(leads, write_events(folder, trials), a_model(leads), folder)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return a_world(tmp_path_factory.mktemp("batch"), 600)


def differences_from_online(world: World, written: Path, every: int) -> int:
    """How many leads of a file of scores differ in anything from being scored one by one."""
    export, scores = read_export(world.leads), pl.read_csv(written)
    happened, now = read_events(read_export(world.events)), as_time(AS_OF)
    assert now is not None
    assert scores.height == export.rows
    leads = read_leads(export, world.model.schema)
    accounts = [account_of(lead, contact_of(lead)) for lead in leads]
    colleagues = Colleagues.of(zip(leads, accounts, strict=True), happened)
    different = 0
    for i in range(0, export.rows, every):
        row = {name: values[i] for name, values in export.columns.items() if name != "converted"}
        lead = Lead(id=str(row["id"]), attributes=row)
        rollup = Rollup.of(happened.get(lead.id, ()), now)
        active = colleagues.active(lead.id, accounts[i], now)
        score = world.model.score(lead, rollup, now, colleagues=active)
        online = {
            "id": lead.id,
            "probability": score.probability,
            "points": score.points,
            "grade": score.grade,
            **{f"reason:{reason.feature}": reason.points for reason in score.reasons},
        }
        batch = scores.row(i, named=True)
        silent = [n for n, v in batch.items() if n.startswith("reason:") and v and n not in online]
        different += bool(silent) or any(batch[name] != value for name, value in online.items())
    return different


def contact_of(lead: Lead) -> Contact:
    return read_contact(email=lead.email, phone=lead.phone, title=lead.title, country=lead.country)


def test_the_local_batch_says_of_every_lead_what_is_said_online(world: World) -> None:
    world.scored(name="local.csv")
    assert differences_from_online(world, world.folder / "local.csv", every=1) == 0


def test_events_split_into_buckets_are_counted_the_same(world: World) -> None:
    assert world.scored(LocalEngine(bucket_bytes=50_000)) == world.scored()


@pandas_in_dask
def test_dask_writes_the_same_file(world: World) -> None:
    assert world.scored(DaskEngine()) == world.scored()


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")
@pytest.mark.parametrize("name", ["local", "dask", "spark"])
def test_5000_leads_with_events_score_the_same_online_and_on_every_engine(
    name: str, tmp_path: Path
) -> None:
    if name == "spark" and (reason := why_not()):
        # no Java: nothing to run it on; Java but no pyspark: make test-full installs it
        (pytest.skip if "Java" in reason else pytest.fail)(reason)
    engines: dict[str, Callable[[], AbstractContextManager[Engine]]] = {
        "local": lambda: nullcontext(LocalEngine()),
        "dask": dask_engine,
        "spark": spark_engine,
    }
    world = a_world(tmp_path, 5000)
    with engines[name]() as engine:
        written = world.scored(engine, f"{name}.csv")
    assert written == world.scored(name="reference.csv")
    assert differences_from_online(world, tmp_path / f"{name}.csv", every=1) == 0


def test_parts_make_the_same_file_as_the_whole(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = world.scored()
    monkeypatch.setattr("scoring.batch.staging.PART_ROWS", 37)
    assert world.scored() == whole


def test_parquet_in_and_out_gives_the_numbers_of_csv(world: World) -> None:
    frame = pl.read_csv(world.leads, infer_schema_length=None).with_columns(
        pl.col("signed_up_at").str.to_datetime(time_zone="UTC"), pl.col("seats").cast(pl.Int64)
    )
    leads, out = world.folder / "leads.parquet", world.folder / "out.parquet"
    frame.write_parquet(leads)
    score_file(leads, world.model, out)
    score_file(world.leads, world.model, world.folder / "plain.csv")
    assert pl.read_parquet(out).equals(pl.read_csv(world.folder / "plain.csv"))


def test_no_id_in_a_file_of_scores_is_a_formula(world: World) -> None:
    ids = ['=HYPERLINK("http://x")', "+cmd", "-12.5", "@a", "'=b", "plain"]
    rows = pl.read_csv(world.leads, infer_schema_length=None).head(len(ids))
    leads, out = world.folder / "formulas.csv", world.folder / "formulas-out.csv"
    rows.with_columns(pl.Series("id", ids)).write_csv(leads)
    score_file(leads, world.model, out)
    written = pl.read_csv(out, infer_schema_length=0)["id"].to_list()
    assert written == ['\'=HYPERLINK("http://x")', "'+cmd", "-12.5", "'@a", "''=b", "plain"]


def test_a_file_and_a_table_in_memory_score_the_same(world: World) -> None:
    frame = score_export(
        read_export(world.leads),
        world.model,
        as_of=AS_OF,
        events=read_export(world.events),
        with_reasons=True,
    )
    world.scored(name="file.csv")
    assert frame.equals(pl.read_csv(world.folder / "file.csv"))


def test_a_lead_is_scored_as_of_its_own_sign_up_unless_told_otherwise(world: World) -> None:
    out = world.folder / "signup.csv"
    score_file(world.leads, world.model, out, events=world.events, with_reasons=True)
    by_column = world.scored(name="column.csv", as_of="signed_up_at")
    assert out.read_bytes() == by_column


def test_progress_is_told_for_each_step(world: World) -> None:
    told: dict[str, float] = {}

    def progress(step: str, share: float) -> None:
        assert 0 <= told.get(step, 0) <= share <= 1
        told[step] = share

    score_file(
        world.leads, world.model, world.folder / "p.csv", events=world.events, progress=progress
    )
    assert told == dict.fromkeys(
        ["reading events", "reading leads", "counting events", "scoring"], 1
    )


def some_rows(count: int) -> list[dict[str, str]]:
    return [{"id": f"l{i}", "seats": str(i % 9), "converted": "no"} for i in range(count)]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda lines: [*lines[:90], "l2,8,no", *lines[90:]], "row 90: .* repeats that of row 3"),
        (lambda lines: [*lines[:90], ",1,no", *lines[90:]], 'row 90: the id in "id" is empty'),
        (lambda lines: [*lines[:90], "l900,1", *lines[90:]], "line 91: 2 fields .* has 3"),
        (lambda lines: [*lines[:90], "l900,\xff,no", *lines[90:]], "line 91: not utf-8"),
    ],
    ids=["repeated", "no id", "ragged", "not utf-8"],
)
def test_a_bad_row_in_a_later_part_is_named_and_nothing_is_written(
    world: World,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[list[str]], list[str]],
    said: str,
) -> None:
    monkeypatch.setattr("scoring.batch.staging.PART_ROWS", 25)
    leads = write_csv(tmp_path / "leads.csv", some_rows(120))
    lines = spoil(leads.read_text().splitlines())
    leads.write_bytes("\n".join(lines).encode("latin-1"))
    with pytest.raises(DataError, match=said):
        score_file(leads, world.model, tmp_path / "out.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["leads.csv"]


def test_a_row_given_twice_is_scored_once(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scoring.batch.staging.PART_ROWS", 25)
    leads = write_csv(tmp_path / "leads.csv", [*some_rows(120), some_rows(4)[3]])
    said: list[str] = []
    assert score_file(leads, world.model, tmp_path / "out.csv", say=said.append) == 120
    assert "1 rows repeat another's id and are left out" in said


def test_what_stands_around_a_table_is_no_lead_and_is_said(world: World, tmp_path: Path) -> None:
    leads = write_csv(tmp_path / "leads.csv", some_rows(30))
    leads.write_text(f"Our leads\n{leads.read_text()}Total,30,\n")
    said: list[str] = []
    assert score_file(leads, world.model, tmp_path / "out.csv", say=said.append) == 30
    assert said[0] == '1 line above the header is left out ("Our leads")'
    assert said[1].endswith('looks like totals ("Total") and is left out')


def test_events_in_another_spelling_of_the_ids_count_the_same(world: World, tmp_path: Path) -> None:
    plain, odd = tmp_path / "plain.csv", tmp_path / "odd.csv"
    leads = write_csv(tmp_path / "leads.csv", [{"id": str(n), "seats": "4"} for n in (7, 8, 9)])
    events = [("7", "login"), ("9", "invited a colleague")]
    for path, ending in ((plain, ""), (odd, ".0")):
        lines = [f"{lead}{ending},{name},2026-03-01T10:00:00Z" for lead, name in events]
        path.write_text("\n".join(["lead_id,name,at", *lines]) + "\n")
        score_file(
            leads, world.model, path.with_suffix(".out"), events=path, as_of="2026-03-02T00:00:00Z"
        )
    assert plain.with_suffix(".out").read_bytes() == odd.with_suffix(".out").read_bytes()


def test_a_packed_file_is_read_in_parts_too(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scoring.batch.staging.PART_ROWS", 25)
    plain = write_csv(tmp_path / "leads.csv", some_rows(120))
    packed = tmp_path / "leads.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert score_file(plain, world.model, tmp_path / "a.csv") == 120
    assert score_file(packed, world.model, tmp_path / "b.csv") == 120
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_an_output_that_cannot_be_written_is_refused(world: World, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be written"):
        score_file(world.leads, world.model, tmp_path / "no" / "such" / "out.csv")


def test_times_in_another_form_are_read_by_the_whole_column(world: World, tmp_path: Path) -> None:
    rng = random.Random(1)
    rows = [
        {"lead_id": f"l{i % 40}", "name": "login", "at": f"{rng.randrange(1, 13):02}/{day}/2026"}
        for i, day in enumerate(["05"] * 300 + ["25"])
    ]
    events = write_csv(tmp_path / "events.csv", rows)
    leads = write_csv(tmp_path / "leads.csv", some_rows(50))
    score_file(
        leads,
        world.model,
        tmp_path / "out.csv",
        events=events,
        as_of="2027-01-01",
        with_reasons=True,
    )
    first = pl.read_csv(tmp_path / "out.csv").row(0, named=True)
    now = as_time("2027-01-01")
    assert now is not None
    rollup = Rollup.of(read_events(read_export(events))["l0"], now)
    score = world.model.score(Lead(id="l0", attributes={"seats": "0"}), rollup, now)
    assert first["points"] == score.points


def test_dask_and_spark_say_what_they_lack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(DataError, match="Spark needs Java 17 or newer"), spark_engine():
        pass
