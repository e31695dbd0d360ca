"""What a cohort still brings, against cohorts that are known to their end."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import beta as beta_function
from typer.testing import CliRunner, Result

from scoring.value.beta_weibull import log_survival
from scoring.value.cohorts import Cohort
from scoring.value.renewals import forecasts, lives
from service.cli import app
from tests.support.renewal_worlds import HORIZON, PUBLISHED, SEEDS, WORLDS, planted, seen, write


def renewals(file: Path, *options: object) -> Result:
    return CliRunner().invoke(app, ["value", "renewals", str(file), *map(str, options)])


def told(file: Path, *options: object) -> list[dict[str, Any]]:
    answer = renewals(file, *options, "--json")
    assert answer.exit_code == 0, answer.stderr
    found: list[dict[str, Any]] = json.loads(answer.stdout)["cohorts"]
    return found


def share_inside(full: Sequence[tuple[int, ...]], part: Sequence[tuple[int, ...]]) -> float:
    found = forecasts([Cohort(str(i), active) for i, active in enumerate(part)], HORIZON)
    came = [sum(whole[len(known) :]) for whole, known in zip(full, part, strict=True)]
    return float(np.mean([f.low <= n <= f.high for f, n in zip(found, came, strict=True)]))


def test_the_survival_is_the_quotient_of_two_beta_functions() -> None:
    alpha, beta, c = 0.7, 3.8, 1.2
    shape = np.array([np.log(alpha / beta), np.log(alpha + beta), np.log(c)])
    periods = np.arange(13.0)
    expected = beta_function(alpha, beta + periods**c) / beta_function(alpha, beta)
    assert np.exp(log_survival(shape, periods)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("periods", [2, 3, 5])
@pytest.mark.parametrize("together", [True, False])
def test_the_published_cohorts_are_foretold(tmp_path: Path, periods: int, together: bool) -> None:
    files = [PUBLISHED] if together else [{name: active} for name, active in PUBLISHED.items()]
    for number, cohorts in enumerate(files):
        file = write(tmp_path / f"{number}.csv", cohorts)
        for found in told(file, "--periods", periods, "--horizon", HORIZON):
            came = sum(PUBLISHED[found["cohort"]][periods + 1 :])
            assert found["periods"] == periods
            assert found["expected_remaining"] == pytest.approx(came, rel=0.12)
            assert found["low"] <= came <= found["high"]
            assert abs(found["one_over_churn"] / came - 1) > 0.22


def test_the_short_cuts_are_sums_of_one_rate(tmp_path: Path) -> None:
    file = write(tmp_path / "renewals.csv", {"a": (100, 80, 70)})
    (found,) = told(file, "--horizon", 5)
    assert found["one_over_churn"] == pytest.approx(
        70 * sum((1 - 30 / 180) ** j for j in (1, 2, 3))
    )
    assert found["last_rate"] == pytest.approx(70 * sum((70 / 80) ** j for j in (1, 2, 3)))


def test_a_planted_worlds_cohorts_lie_within_their_intervals() -> None:
    """Half a world, for every day; whole ones below, from every seed in `make bench`."""
    full = planted(WORLDS["yearly contracts"], SEEDS[0], cohorts=250)
    assert 0.85 <= share_inside(full, seen(full, SEEDS[0])) <= 0.95


@pytest.mark.long
@pytest.mark.parametrize("world", WORLDS)
def test_every_planted_worlds_cohorts_lie_within_their_intervals(world: str) -> None:
    full = planted(WORLDS[world], SEEDS[0])
    assert 0.85 <= share_inside(full, seen(full, SEEDS[0])) <= 0.95


def test_cohorts_learn_from_each_other() -> None:
    """A cohort of one renewal is narrower among its like than alone."""
    full = planted(WORLDS["alike"], SEEDS[1], cohorts=60)
    young = Cohort("young", full[0][:2])
    (alone,) = forecasts([young], HORIZON)
    among = forecasts([young, *(Cohort(str(i), a[:7]) for i, a in enumerate(full[1:]))], HORIZON)[0]
    assert among.high - among.low < 0.7 * (alone.high - alone.low)


@pytest.mark.parametrize(
    "active", [(40,), (5, 0), (5, 0, 0), (300, 300, 300), (2_000_000, 1_900_000, 1_850_000), (1, 1)]
)
def test_cohorts_at_the_edges_are_foretold_too(active: tuple[int, ...]) -> None:
    (found,) = forecasts([Cohort("edge", active)], HORIZON)
    most = active[-1] * (HORIZON - len(active) + 1)
    assert 0 <= found.low <= found.expected_remaining <= found.high <= most
    assert (found.one_over_churn is None) == (len(active) == 1)
    assert (found.high == 0) == (active[-1] == 0)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ("2021,0,500\n2021,1,450\n2021,2,460\n", "rises from 450 to 460 in period 2"),
        ("2021,0,1\n2021,0,1\n2021,1,1\n", "One row a purchase"),
        ("2021,0,500\n2021,2,450\n", "has no period 1"),
        ("2021,1,500\n2021,2,450\n", "has no period 0"),
        ("2021,0,500\n2021,1,many\n", "line 3: active is no whole number"),
        ("2021,0,500\n2021,1,-4\n", "line 3: active is no whole number"),
        ("2021,0,500\n2021,0.5,400\n", "line 3: period is no whole number"),
        ("2021,0,100%\n2021,1,80%\n", 'line 2: active is a share ("100%"); write how many'),
        ("2021,0,500\n2021,1,80 %\n", 'line 3: active is a share ("80 %"); write how many'),
        ("2021,0,500\n,1,450\n", "line 3: no cohort"),
        ("2021,0,0\n2021,1,0\n", "begins with nobody"),
        ("2021,0,500\n2021,2022,450\n", "has a period 2022"),
        ('2021,0,"1.500"\n2021,1,"1.200"\n', "reads two ways"),
    ],
)
def test_a_file_that_tells_of_no_cohorts_is_refused_in_words(
    tmp_path: Path, rows: str, why: str
) -> None:
    file = tmp_path / "renewals.csv"
    file.write_text("cohort,period,active\n" + rows)
    refused = renewals(file)
    assert refused.exit_code == 2
    assert why in refused.stderr
    assert refused.stdout == ""


def test_a_list_of_purchases_is_refused_with_the_reason(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("customer,date,amount\n7,2026-01-03,90\n7,2026-02-05,80\n")
    refused = renewals(file)
    assert refused.exit_code == 2
    assert 'no column "cohort"' in refused.stderr
    assert "One row a purchase" in refused.stderr


def test_nothing_is_still_to_come_after_the_horizon(tmp_path: Path) -> None:
    file = write(tmp_path / "renewals.csv", PUBLISHED)
    refused = renewals(file, "--horizon", 12)
    assert refused.exit_code == 2
    assert "use --horizon 13 or more" in refused.stderr


def test_a_horizon_beyond_all_reason_is_refused_at_once(tmp_path: Path) -> None:
    """The time and memory that it takes grow with the horizon."""
    file = tmp_path / "renewals.csv"
    file.write_text("cohort,period,active\n2021,0,500\n2021,1,400\n", encoding="utf-8")
    refused = renewals(file, "--horizon", 1_000_000)
    assert refused.exit_code == 2
    assert "10000" in refused.stderr


def test_another_tools_file_of_the_same_tells_the_same(tmp_path: Path) -> None:
    """Semicolons, upper case, thousands, columns and rows in another order."""
    plain = write(tmp_path / "plain.csv", {"2020": (1500, 1200, 1100), "2021": (900, 700)})
    other = tmp_path / "other.csv"
    other.write_text(
        "Active;Cohort;Period\n700;2021;1\n1.100;2020;2\n1.500;2020;0\n900;2021;0\n1.200;2020;1\n"
    )
    there = {found["cohort"]: found for found in told(other, "--decimal", "comma")}
    for found in told(plain):
        assert there[found["cohort"]]["one_over_churn"] == found["one_over_churn"]
        assert there[found["cohort"]]["expected_remaining"] == pytest.approx(
            found["expected_remaining"], rel=0.02
        )


@pytest.mark.parametrize(
    "header",
    [
        "Kohorte,Periode,Aktive Kunden",
        "Cohorte,Période,Clients actifs",
        "Cohorte,Período,Activos",
        "Coorte,Período,Clientes ativos",
        "コホート,期間,有効顧客数",
        "cohort_month,periods_since_start,active_customers",
        "Cohort,Period (months),Customers",
    ],
)
def test_the_columns_are_known_by_the_headings_of_others(tmp_path: Path, header: str) -> None:
    rows = "2020,0,100\n2020,1,80\n2021,0,50\n"
    plain, other = tmp_path / "plain.csv", tmp_path / "other.csv"
    plain.write_text(f"cohort,period,active\n{rows}")
    other.write_text(f"{header}\n{rows}", encoding="utf-8")
    assert told(other) == told(plain)
    assert f'read: cohort from "{header.split(",")[0]}"; period from' in renewals(other).stderr
    assert renewals(plain).stderr == ""


def test_of_two_columns_of_customers_those_who_stayed_are_read(tmp_path: Path) -> None:
    file = tmp_path / "renewals.csv"
    file.write_text("Cohort,Customers,Month,Retained\n2020,100,0,100\n2020,100,1,80\nTotal,,,180\n")
    answer = renewals(file, "--json")
    assert json.loads(answer.stdout)["cohorts"][0]["periods"] == 1
    assert 'active from "Retained"' in answer.stderr
    assert "not read: Customers" in answer.stderr
    assert "line 4 looks like totals" in answer.stderr


def test_a_column_for_each_period_is_refused_as_one(tmp_path: Path) -> None:
    file = tmp_path / "renewals.csv"
    file.write_text("Cohort,Month 0,Month 1,Month 2\n2024,100,80,70\n")
    refused = renewals(file)
    assert refused.exit_code == 2
    assert "this one has a column for each period" in refused.stderr


def test_people_read_a_table(tmp_path: Path) -> None:
    shown = renewals(write(tmp_path / "renewals.csv", PUBLISHED), "--periods", 5, "--horizon", 12)
    assert shown.exit_code == 0
    assert "high-end" in shown.stdout
    assert "90 % interval" in shown.stdout


def test_one_customers_renewals_are_their_cohorts_share() -> None:
    """Without discount the mean of each is what the cohort still brings, by its active."""
    active = PUBLISHED["regular"][:6]
    (cohort,) = forecasts([Cohort("regular", active)], HORIZON)
    (of_cohort,) = lives([active[:-1]], [active[1:]], horizon=HORIZON - 5, discount=1.0)
    assert len(of_cohort) == 6
    assert of_cohort[5].mean == pytest.approx(cohort.expected_remaining / active[-1], rel=0.01)
    assert of_cohort[5].low == 0
    assert of_cohort[5].high == HORIZON - 5
    loyal, new = of_cohort[5].mean, of_cohort[0].mean
    assert loyal > new  # who stayed so long goes on longer
    (late,) = lives([active[:-1]], [active[1:]], horizon=HORIZON - 5, discount=0.8)
    assert late[5].mean < loyal
