"""What counts as bought, renewed and held: money given back, paid late or told late."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from service.cli import app
from tests.support.service import World

_ids = itertools.count(1)
YEAR = {"term_months": 12, "prepaid": True}
EVER = "from=2020-01-01&to=2030-01-01"


def usd(minor: int) -> dict[str, Any]:
    return {"minor": minor, "currency": "USD"}


def out(world: World, lead: str, kind: str, at: str, **told: Any) -> None:
    moment = at if "T" in at else f"{at}T09:00:00Z"
    body = {"id": f"out-{next(_ids)}", "lead_id": lead, "kind": kind, "at": moment} | told
    answer = world.send("/v1/outcomes", body)
    assert answer.status_code == 200, answer.text


def sign_up(world: World, name: str = "kim", **told: Any) -> None:
    world.sign_up(id=name, email=f"{name}@{name}.example", country="DE", **told)


def later(world: World, at: str) -> None:
    world.wait(seconds=(datetime.fromisoformat(at) - world.clock.now()).total_seconds())


def rate(world: World, name: str, asked: str = EVER, by: str = "country") -> tuple[int, int]:
    """Both sides of a rate of all, counted beside what is stale and, the same, once it is kept."""
    path = f"/v1/rates?by={by}&{asked}"
    before = world.get("manager", path)
    assert before.status_code == 200, before.text
    world.work()
    assert world.get("manager", path).json() == before.json()
    told = before.json()["all"][name]
    return told["numerator"], told["denominator"]


def account(world: World, name: str = "kim") -> dict[str, Any]:
    return dict(world.get("manager", f"/v1/accounts/{name}.example").json())


@pytest.mark.parametrize("back", [10_000, 9_999])
def test_a_sale_given_back_in_full_is_no_sale_and_one_in_part_is(world: World, back: int) -> None:
    sign_up(world)
    sold = {"amount": usd(10_000), "invoice": "A-1", "seats": 10}
    out(world, "kim", "converted", "2026-11-02", **sold)
    out(world, "kim", "refunded", "2026-11-05", invoice="A-1", amount=usd(4_000))
    out(world, "kim", "refunded", "2026-11-09", invoice="A-1", amount=usd(back - 4_000))
    later(world, "2026-11-20T09:00:00+00:00")
    stands = back < 10_000

    shown = account(world)
    assert shown["stage"]["name"] == ("introduction" if stands else "unknown")
    assert shown["money"]["seats"] == (10 if stands else None)
    assert (shown["money"]["paid_until"] is not None) == stands
    assert shown["money"]["sums"][0]["refunded_minor"] == back
    later(world, "2027-03-01T09:00:00+00:00")
    assert rate(world, "conversion") == (int(stands), 1)
    assert rate(world, "repeat") == ((0, 1) if stands else (0, 0))


def test_who_got_all_money_back_is_said_to_have(world: World) -> None:
    sign_up(world)
    out(world, "kim", "converted", "2026-11-02", amount=usd(500), invoice="A-1")
    out(world, "kim", "refunded", "2026-11-02", amount=usd(500), invoice="A-1")
    assert account(world)["stage"]["why"] == "all that was bought was given back"


def test_a_reps_record_of_a_sale_goes_with_the_money_that_was_given_back(world: World) -> None:
    world.hire("ada")
    world.sign_up(id="kim", email="kim@kim.example", country="DE", title="CFO", seats=300)
    claim = world.claim("ada")
    won = {"version": claim["version"], "disposition": "won"}
    assert world.post("ada", f"/v1/claims/{claim['claim']}/done", won).status_code == 200
    later(world, "2027-03-01T09:00:00+00:00")
    assert rate(world, "conversion") == (1, 1)
    out(world, "kim", "converted", "2026-11-20", amount=usd(500), invoice="A-1")
    assert rate(world, "conversion") == (1, 1)
    out(world, "kim", "refunded", "2026-11-22", amount=usd(500), invoice="A-1")
    assert rate(world, "conversion") == (0, 1)


@pytest.mark.parametrize(("back", "expected"), [(10_000, (0, 1)), (5_000, (1, 1))])
def test_a_renewal_given_back_in_full_is_none(
    world: World, back: int, expected: tuple[int, int]
) -> None:
    sign_up(world)
    later(world, "2027-12-01T09:00:00+00:00")
    out(world, "kim", "converted", "2026-11-02", amount=usd(10_000), invoice="A-1", **YEAR)
    out(world, "kim", "renewed", "2027-11-02", amount=usd(10_000), invoice="A-2", **YEAR)
    out(world, "kim", "refunded", "2027-11-03", amount=usd(back), invoice="A-2")
    out(world, "kim", "churned", "2027-11-04")
    assert rate(world, "repeat", "from=2027-11-01&to=2027-12-01") == expected


RENEWALS = {
    "an add-on within the year": ([("2025-03-01", 6)], [], (0, 1)),
    "paid after the grace": ([("2026-02-02", 12)], [], (0, 1)),
    "paid within the grace": ([("2026-01-20", 12)], [], (1, 1)),
    "paid before the due day": ([("2025-11-20", 12)], [], (1, 1)),
    "back after it had ended": ([("2026-01-20", 12)], ["2026-01-01"], (0, 1)),
    "ended after it was paid on": ([("2026-01-10", 12)], ["2026-01-20"], (1, 1)),
    "back after years": ([("2026-10-15", 12)], ["2026-01-01"], (0, 1)),
    "ended amid the year and back": ([("2025-09-01", 12)], ["2025-06-01"], (0, 1)),
}


@pytest.mark.parametrize("name", RENEWALS)
def test_a_renewal_goes_on_past_the_due_day_and_comes_in_time(world: World, name: str) -> None:
    payments, ends, expected = RENEWALS[name]
    sign_up(world)
    out(world, "kim", "converted", "2025-01-01", amount=usd(500), invoice="A-0", **YEAR)
    for at, months in payments:
        term = {"term_months": months, "prepaid": True}
        out(world, "kim", "renewed", at, amount=usd(500), invoice=f"A-{at}", **term)
    for at in ends:
        out(world, "kim", "churned", at)
    assert rate(world, "repeat", "from=2026-01-01&to=2026-01-02") == expected


def test_what_is_renewed_early_is_due_when_the_time_that_was_paid_for_is_over(world: World) -> None:
    sign_up(world)
    for at in ("2023-01-01", "2023-11-10", "2024-12-31"):
        out(world, "kim", "renewed", at, amount=usd(500), invoice=f"A-{at}", **YEAR)
    assert rate(world, "repeat", "from=2024-01-01&to=2024-01-02") == (1, 1)
    assert rate(world, "repeat", "from=2024-11-01&to=2024-12-01") == (0, 0)
    assert rate(world, "repeat", "from=2025-01-01&to=2025-01-02") == (1, 1)


def test_a_subscription_that_ended_is_not_renewed_by_its_return(world: World) -> None:
    sign_up(world)
    bought = YEAR | {"amount": usd(500)}
    out(world, "kim", "converted", "2025-01-01", invoice="A-1", subscription="a", **bought)
    out(world, "kim", "converted", "2025-06-01", invoice="B-1", subscription="b", **bought)
    out(world, "kim", "churned", "2026-01-01", subscription="a")
    out(world, "kim", "converted", "2026-01-20", invoice="A-2", subscription="a", **bought)
    assert rate(world, "repeat", "from=2026-01-01&to=2026-01-02") == (0, 1)


def modes(world: World, asked: str) -> list[tuple[str, int]]:
    """Months and their orders, beside what is stale and the same once it is kept."""
    before = world.get("manager", f"/v1/modes?{asked}").json()
    world.work()
    assert world.get("manager", f"/v1/modes?{asked}").json() == before
    served = ("manual", "semi_automatic", "automatic")
    return [(m["month"], sum(m[mode]["orders"] for mode in served)) for m in before["months"]]


def test_money_from_before_the_sign_up_is_of_its_own_time(world: World) -> None:
    sign_up(world)
    for at in ("2024-06-01", "2025-06-01"):
        out(world, "kim", "converted", at, amount=usd(500), invoice=f"A-{at}", **YEAR)
    past = "from=2024-01-01&to=2026-01-01"
    assert modes(world, past) == [("2024-06", 1), ("2025-06", 1)]
    assert rate(world, "repeat", past) == (1, 1)
    assert rate(world, "repeat", past, by="month") == (1, 1)
    assert rate(world, "conversion", past) == (0, 0)


def aim_at(world: World, folder: Path, seats: int) -> None:
    file = folder / "targets.csv"
    file.write_text(f"account;country;seats\nkim.example;DE;{seats}\n")
    done = CliRunner().invoke(app, ["import", "targets", str(file), "--db", world.settings.db])
    assert done.exit_code == 0, done.output


def test_seats_are_those_that_were_held_at_the_end_of_the_time(
    world: World, tmp_path: Path
) -> None:
    aim_at(world, tmp_path, 100)
    sign_up(world)
    out(world, "kim", "converted", "2026-06-01", amount=usd(500), invoice="A-1", seats=30)
    out(world, "kim", "changed", "2026-07-01", seats=40)
    out(world, "kim", "churned", "2026-09-01")
    held = {
        to: rate(world, "penetration", f"from=2026-01-01&to={to}")
        for to in ("2026-05-20", "2026-06-01", "2026-06-02", "2026-08-01", "2026-11-01")
    }
    assert held == {
        "2026-05-20": (0, 100),
        "2026-06-01": (0, 100),
        "2026-06-02": (30, 100),
        "2026-08-01": (40, 100),
        "2026-11-01": (0, 100),
    }


def test_what_was_objected_in_a_screening_is_told_too(world: World, tmp_path: Path) -> None:
    aim_at(world, tmp_path, 10)
    sign_up(world)
    later(world, "2026-12-01T09:00:00+00:00")
    heard = {"id": "s1", "lead_id": "kim", "result": "not_interested", "by_machine": False}
    heard |= {"answers": {"objection": "price"}, "at": "2026-11-20T09:00:00Z"}
    answer = world.send("/v1/screenings", heard)
    assert answer.status_code == 200, answer.text
    later(world, "2027-03-01T09:00:00+00:00")
    world.work()
    told = world.get("manager", f"/v1/rates?by=country&{EVER}").json()["all"]
    assert told["conversion"]["top_objection"] == told["penetration"]["top_objection"] == "price"
    before = world.get("manager", "/v1/rates?by=country&from=2026-11-01&to=2026-11-20").json()
    assert before["all"]["conversion"]["top_objection"] is None


def live_in(world: World, zone: str) -> None:
    world.runtime.policy = replace(world.runtime.policy, timezone=zone)


@pytest.mark.parametrize(
    ("zone", "signed_up_at", "month", "last"),
    [
        ("America/Los_Angeles", "2026-08-01T03:00:00Z", "2026-07", "2026-08-01"),
        ("Pacific/Kiritimati", "2025-12-31T11:00:00Z", "2026-01", "2026-02-01"),
    ],
)
def test_days_and_months_of_figures_are_of_one_zone(
    world: World, zone: str, signed_up_at: str, month: str, last: str
) -> None:
    live_in(world, zone)
    sign_up(world, signed_up_at=signed_up_at)
    later(world, "2027-03-01T09:00:00+00:00")

    def groups(asked: str) -> list[str]:
        path = f"/v1/rates?by=month&{asked}"
        before = world.get("manager", path).json()
        world.work()
        assert world.get("manager", path).json() == before
        return [group["group"] for group in before["groups"]]

    assert groups(f"from={month}-01&to={last}") == [month]
    assert groups(f"from={last}&to=2026-12-01") == []
    assert groups(f"from={signed_up_at}&to={last}") == [month]  # a time is no day


def test_the_page_of_figures_begins_its_days_where_the_policy_is(world: World) -> None:
    live_in(world, "Pacific/Kiritimati")
    sign_up(world, signed_up_at="2025-12-31T11:00:00Z")
    later(world, "2027-03-01T09:00:00+00:00")

    def of(day: str) -> int:
        shown = world.get("manager", f"/rates.json?by=country&from={day}&to={day}").json()
        (all_of_them,) = (
            row for row in shown["rates"] if (row["group"], row["rate"]) == ("all", "conversion")
        )
        return int(all_of_them["denominator"])

    assert (of("2025-12-31"), of("2026-01-01"), of("2026-01-02")) == (0, 1, 0)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-1-01", "2026-02-30"])
def test_a_day_out_of_the_calendar_is_refused(world: World, day: str) -> None:
    live_in(world, "Pacific/Kiritimati")
    assert world.get("manager", f"/v1/modes?to={day}").status_code == 422
    assert world.get("manager", f"/modes.json?to={day}").status_code == 200


def test_a_stage_names_days_where_the_policy_is(world: World) -> None:
    live_in(world, "America/Los_Angeles")
    sign_up(world)
    out(world, "kim", "converted", "2026-11-02T03:00:00Z", amount=usd(500), invoice="A-1")
    assert account(world)["stage"] | {"name": ""} == {
        "name": "",
        "since": "2026-11-01",
        "why": "bought on 1 November 2026",
    }
    out(world, "kim", "churned", "2026-11-10T03:00:00Z")
    later(world, "2026-12-01T09:00:00+00:00")
    assert account(world)["stage"] == {
        "name": "churn",
        "since": "2026-11-09",
        "why": "access ended on 9 November 2026",
    }
