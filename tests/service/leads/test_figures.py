"""Rates, modes and channels on a fixed fixture: exact counts and money, equal to the ledger."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from scoring.model.intervals import wilson
from service.cli import app
from service.store.leads import targets
from tests.support.service import World

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
PATH = "/v1/rates?by={by}&from=2026-11-01&to=2028-06-01"


def usd(minor: int) -> dict[str, Any]:
    return {"minor": minor, "currency": "USD"}


def tell(world: World, lead: str, kind: str, id: str, days: float, **told: Any) -> None:
    at = (START + timedelta(days=days)).isoformat()
    body = {"id": id, "lead_id": lead, "kind": kind, "at": at} | told
    answer = world.send("/v1/outcomes", body)
    assert answer.status_code == 200, answer.text


YEAR = {"term_months": 12, "prepaid": True}
ACCOUNTS = {
    # lead: (country, source, segment)
    "ada": ("DE", "google", "small"),
    "bea": ("DE", "google", "large"),
    "cem": ("FR", "fair", "small"),
    "dan": ("FR", None, "small"),
    "eva": ("DE", "fair", "large"),
}
TARGETS = """account;country;segment;seats
ada.example;Germany;small;20
BEA.example;DE;large;100
cem.example;France;small;40
zoe.example;FR;large;60
"""


def fixture(world: World, folder: Path, store: str) -> None:
    """Five accounts of two years: who bought, renewed, left, was refunded; and four targets."""
    file = folder / "targets.csv"
    file.write_text(TARGETS)
    done = CliRunner().invoke(app, ["import", "targets", str(file), "--db", store])
    assert (done.exit_code, done.stdout) == (0, "4 target accounts\n"), done.output
    for name, (country, source, segment) in ACCOUNTS.items():
        world.sign_up(
            id=name,
            email=f"{name}@{name}.example",
            country=country,
            attributes={"segment": segment},
            **({} if source is None else {"source": {"utm_source": source}}),
        )
    world.touched("bea")
    tell(world, "ada", "converted", "a1", 1, seats=10, amount=usd(100_001), invoice="A-1", **YEAR)
    tell(world, "ada", "renewed", "a2", 366, seats=30, amount=usd(300_000), invoice="A-2", **YEAR)
    tell(world, "bea", "converted", "b1", 2, seats=50, amount=usd(500_000), invoice="B-1", **YEAR)
    tell(world, "bea", "refunded", "b2", 9, amount=usd(99_999), invoice="B-1")
    tell(world, "bea", "churned", "b3", 367)
    tell(world, "cem", "converted", "c1", 40, seats=4, amount=usd(9_920), invoice="C-1")
    world.wait(days=500)
    world.sign_up(id="fay", email="fay@fay.example", country="DE", source={"utm_source": "fair"})


def rates(world: World, by: str, path: str = PATH) -> dict[str, Any]:
    answer = world.get("manager", path.format(by=by))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def parts(rate: dict[str, Any] | None) -> tuple[int, int] | None:
    return None if rate is None else (rate["numerator"], rate["denominator"])


def test_rates_by_country_are_exact(world: World, tmp_path: Path, store_url: str) -> None:
    fixture(world, tmp_path, store_url)
    told = rates(world, "country")
    assert {
        group["group"]: [
            parts(group[name]) for name in ("coverage", "conversion", "repeat", "penetration")
        ]
        for group in told["groups"]
    } == {
        # ada renewed, bea left; eva never bought; fay is too young to count
        "DE": [(2, 2), (2, 3), (1, 2), (20, 120)],
        # cem's month was not renewed; zoe never signed up, dan is no target
        "FR": [(1, 2), (1, 2), (0, 1), (4, 100)],
    }
    assert [parts(told["all"][name]) for name in ("conversion", "repeat")] == [(3, 5), (1, 3)]
    low, high = wilson(2, 3)
    de = told["groups"][0]["conversion"]
    assert (de["low"], de["high"]) == (pytest.approx(low), pytest.approx(high))


def test_a_group_that_a_target_cannot_have_has_no_coverage(
    world: World, tmp_path: Path, store_url: str
) -> None:
    fixture(world, tmp_path, store_url)
    by_source = {group["group"]: group for group in rates(world, "source")["groups"]}
    assert {name: parts(group["conversion"]) for name, group in by_source.items()} == {
        "google": (2, 2),
        "fair": (1, 2),
        "unknown": (0, 1),
    }
    assert by_source["google"]["coverage"] is by_source["google"]["penetration"] is None
    months = {group["group"]: group for group in rates(world, "month")["groups"]}
    assert {name: parts(group["repeat"]) for name, group in months.items()} == {
        "2026-11": (0, 0),
        "2027-01": (0, 1),
        "2027-11": (1, 2),
    }
    segments = {group["group"]: group for group in rates(world, "segment")["groups"]}
    assert parts(segments["large"]["coverage"]) == (1, 2)


def test_from_counts_and_to_does_not(world: World, tmp_path: Path, store_url: str) -> None:
    fixture(world, tmp_path, store_url)
    moment = "2026-11-02T09:00:00Z"
    before = f"/v1/rates?by={{by}}&from=2026-01-01&to={moment}"
    after = f"/v1/rates?by={{by}}&from={moment}&to=2026-11-03"
    assert parts(rates(world, "country", before)["all"]["conversion"]) == (0, 0)
    assert parts(rates(world, "country", after)["all"]["conversion"]) == (3, 5)
    refused = world.get("manager", "/v1/rates?by=country&from=2027-01-01&to=2026-01-01")
    assert refused.status_code == 422
    assert world.get("manager", "/v1/rates?by=country&from=yesterday").status_code == 422


def test_what_was_objected_most_is_told_of_who_did_not_buy(
    world: World, tmp_path: Path, store_url: str
) -> None:
    world.hire("ada")
    for name, objection in (("kim", "price"), ("lou", "price"), ("max", "timing")):
        world.sign_up(id=name, email=f"{name}@{name}.example", country="DE", title="CFO")
        claim = world.claim("ada")
        done = {"version": claim["version"], "disposition": "not_now", "objection": objection}
        assert world.post("ada", f"/v1/claims/{claim['claim']}/done", done).status_code == 200
    world.wait(days=100)
    (group,) = rates(world, "country")["groups"]
    assert (parts(group["conversion"]), group["conversion"]["top_objection"]) == ((0, 3), "price")


def test_free_months_are_no_renewal_and_put_the_day_off(world: World) -> None:
    from service.domain.account_life import AccountLife
    from service.domain.account_money import Entry, add_up
    from service.domain.rates import renewals

    paid = Entry(
        id="o",
        lead="x",
        kind="converted",
        at=START,
        months=12,
        minor=1,
        currency="USD",
        invoice="A-1",
    )

    def due(days: int, free: dict[str, int]) -> list[tuple[datetime, bool]]:
        now = START + timedelta(days=days)
        life = AccountLife(
            account="x",
            signed_up_at=START,
            country=None,
            source=None,
            segment=None,
            rep=None,
            money=add_up([paid], now, "UTC"),
            free_months=free,
        )
        return renewals(life, now, "UTC")

    assert due(380, {}) == []  # due a fortnight ago: still open
    assert due(400, {}) == [(START.replace(year=2027), False)]
    assert due(400, {"A-1": 2}) == []
    assert due(460, {"A-1": 2}) == [(START.replace(year=2028, month=1), False)]


@pytest.mark.parametrize(
    ("settings", "status"),
    [
        ({}, 403),
        ({"rep_figures": "named"}, 403),
        ({"rep_figures": "named", "rep_figures_agreed_on": date(2099, 1, 1)}, 403),
        ({"rep_figures_agreed_on": date(2026, 1, 1)}, 403),
        ({"rep_figures": "named", "rep_figures_agreed_on": date(2026, 10, 1)}, 200),
    ],
)
def test_figures_by_rep_only_once_they_were_agreed(
    make_world: Any, settings: dict[str, Any], status: int
) -> None:
    world = make_world(**settings)
    world.hire("ada")
    world.sign_up(email="kim@kim.example", title="CFO")
    world.wait(days=90)
    answer = world.get("manager", PATH.format(by="rep"))
    assert answer.status_code == status, answer.text
    if status == 200:
        assert [group["group"] for group in answer.json()["groups"]] == ["ada"]
    else:
        assert "ada" not in answer.text
        assert answer.json()["code"] == "rep_figures_not_agreed"


def test_the_csv_says_what_the_call_says(world: World, tmp_path: Path, store_url: str) -> None:
    fixture(world, tmp_path, store_url)
    told = rates(world, "country")
    page = world.get("manager", PATH.format(by="country") + "&format=csv")
    assert page.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(page.text)))
    groups = {group["group"]: group for group in told["groups"]} | {"all": told["all"]}
    assert len(rows) == 4 * len(groups)
    for row in rows:
        rate = groups[row["group"]][row["rate"]]
        assert {name: float(row[name]) for name in ("numerator", "denominator", "low", "high")} == {
            name: rate[name] for name in ("numerator", "denominator", "low", "high")
        }


def test_orders_are_served_by_hand_after_a_touch_or_by_themselves(
    world: World, tmp_path: Path, store_url: str
) -> None:
    fixture(world, tmp_path, store_url)
    world.hire("rep")
    world.sign_up(id="won", email="won@won.example", title="CFO", seats=300)
    claim = world.claim("rep")
    won = {"version": claim["version"], "disposition": "won"}
    assert world.post("rep", f"/v1/claims/{claim['claim']}/done", won).status_code == 200
    tell(world, claim["lead"]["id"], "converted", "w1", 510, amount=usd(70_000), invoice="W-1")
    world.wait(days=30)
    answer = world.get("manager", "/v1/modes?from=2026-11-01&to=2028-06-01")
    assert answer.status_code == 200, answer.text
    months = {month["month"]: month for month in answer.json()["months"]}

    def of(month: str, mode: str) -> tuple[int, int, int]:
        served = months[month][mode]
        return served["orders"], served["customers"], sum(r["minor"] for r in served["revenue"])

    assert of("2026-11", "automatic") == (1, 1, 100_001)
    assert of("2026-11", "semi_automatic") == (1, 1, 500_000)
    assert of("2027-11", "automatic") == (1, 0, 300_000)
    assert months["2026-11"]["automatic"]["orders_share"] == 0.5
    assert sum(of(month, "manual")[0] for month in months) == 1
    assert sum(of(month, "manual")[2] for month in months) == 70_000

    served = ("manual", "semi_automatic", "automatic")
    in_all = sum(of(month, mode)[2] for month in months for mode in served)
    names = [*ACCOUNTS, "fay", "won"]
    pages = [world.get("manager", f"/v1/accounts/{n}.example").json()["money"] for n in names]
    assert in_all == sum(one["paid_minor"] for page in pages for one in page["sums"]) == 979_921


def put_costs(world: World, source: str, *costs: tuple[str, int, str]) -> Any:
    body = {"costs": [{"month": m, "amount": {"minor": n, "currency": c}} for m, n, c in costs]}
    return world.client.put(
        f"/v1/channels/{source}/costs", json=body, headers=world.bearer("manager")
    )


def test_channels_cost_what_was_put_and_young_months_are_left_out(
    world: World, tmp_path: Path, store_url: str
) -> None:
    fixture(world, tmp_path, store_url)
    world.wait(days=1)
    now = world.clock.now()
    spent = (("2026-11", 50_000, "USD"), (f"{now:%Y-%m}", 999_999, "USD"))
    assert put_costs(world, "google", ("2026-10", 7, "USD")).status_code == 200
    assert put_costs(world, "google", *spent).status_code == 200
    assert put_costs(world, "fair", ("2026-11", 80_000, "USD")).status_code == 200
    answer = world.get("manager", "/v1/channels").json()
    assert answer["note"] == "average, not what more money would bring"
    of = {channel["source"]: channel for channel in answer["channels"]}
    assert set(of) == {"google", "fair", "unknown"}

    google, fair = of["google"], of["fair"]
    assert (google["spend_minor"], google["leads"], google["accounts"]) == (1_049_999, 2, 2)
    assert (fair["accounts"], fair["closed_accounts"], fair["bought"]) == (3, 2, 1)
    assert google["cost_per_trial_minor"] == {
        "value": 25_000,
        "kind": "counted",
        "low": None,
        "high": None,
    }
    assert fair["conversion"]["value"] == 0.5
    assert fair["conversion"]["kind"] == "counted"
    assert google["cost_per_paying_minor"]["kind"] == "shrunk"
    share = google["conversion_shrunk"]["value"]
    assert google["cost_per_paying_minor"]["value"] == pytest.approx(25_000 / share)
    assert (google["churn"]["value"], fair["churn"]["value"]) == (0.5, 0.0)
    assert of["unknown"]["spend_minor"] is None
    assert of["unknown"]["cost_per_trial_minor"] is None


def test_a_source_is_one_however_it_is_spelt(world: World) -> None:
    for number, source in enumerate(("google", "Google", "GOOGLE ", "LinkedIn")):
        world.sign_up(id=f"L{number}", email=f"a@b{number}.example", source={"utm_source": source})
    assert put_costs(world, "Google", ("2026-11", 7, "USD")).status_code == 200
    assert put_costs(world, "google", ("2026-11", 50, "EUR")).status_code == 200

    def told() -> tuple[list[tuple[str, int, int, int | None]], dict[str, int]]:
        channels = world.get("manager", "/v1/channels").json()["channels"]
        world.wait(days=1)
        groups = rates(world, "source")["groups"]
        counted = {each["group"]: each["conversion"]["denominator"] for each in groups}
        rows = [(c["source"], c["leads"], c["accounts"], c["spend_minor"]) for c in channels]
        return sorted(rows), counted

    world.wait(minutes=1)
    brought = [("LinkedIn", 1, 1, None), ("google", 3, 3, 50)]
    assert told()[0] == brought
    world.wait(days=90)
    world.work()  # from now on by what is kept
    assert told() == (brought, {"LinkedIn": 1, "google": 3})


@pytest.mark.parametrize(
    ("costs", "why"),
    [
        ([("2026-13", 5, "USD")], "costs"),
        ([("2026-11", -5, "USD")], "minor"),
        ([("2026-11", 5, "USD"), ("2026-12", 5, "EUR")], "one currency"),
        ([("2026-11", 5, "USD"), ("2026-11", 6, "USD")], "each month once"),
        ([("2026-11", 5, "USD"), ("2062-11", 5, "USD")], '"path": "costs.1.month"'),
        ([("2062-11", 5, "USD")], "2062-11 is over a year ahead; write the month"),
        ([("2026-11", 5, "XXQ")], "XXQ is no currency of ISO 4217"),
        ([("2026-11", 5, "XXQ")], '"path": "costs.0.amount.currency"'),
    ],
)
def test_costs_that_do_not_add_up_are_refused(
    world: World, costs: list[tuple[str, int, str]], why: str
) -> None:
    refused = put_costs(world, "fair", *costs)
    assert refused.status_code == 422
    assert why in refused.text


def test_a_target_is_named_as_its_peoples_mail_names_the_account(
    world: World, tmp_path: Path, store_url: str
) -> None:
    file = tmp_path / "targets.csv"
    lines = ("www.ada.example", "https://bea.example/about", "info@cem.example", "Acme Inc")
    file.write_text("\n".join(("account", *lines, "DAN.example. ", "bob@gmail.com", "company:7")))
    done = CliRunner().invoke(app, ["import", "targets", str(file), "--db", store_url])
    assert (done.exit_code, done.stdout) == (0, "5 target accounts\n"), done.output
    said = '2 lines name no company\'s mail domain, left out: line 5 "Acme Inc", line 7 "bob@gmail'
    assert said in done.stderr
    kept = world.runtime.store.read_now(targets.every)
    names = ["ada.example", "bea.example", "cem.example", "company:7", "dan.example"]
    assert [each.account for each in kept] == names


@pytest.mark.parametrize(
    "header",
    [
        "Company Domain Name;Country/Region;Segment;Company owner;Seats",
        "Konto;Land;Kundensegment;Betreuer;Plätze",
        "Domaine;Pays;Segment;Commercial;Sièges",
        "Dominio;País;Segmento;Propietario;Asientos",
        "Website;Billing Country;Segment;Account Owner;Number of Licences",
        "ドメイン;国;セグメント;担当者;座席数",
    ],
)
def test_targets_are_known_by_the_headings_of_other_tools(
    world: World, tmp_path: Path, store_url: str, header: str
) -> None:
    file = tmp_path / "ziele.csv"
    rows = ";;;;\nwww.ada.example;Deutschland;small;ann;1.200\nbea.example;FR;;;-\nTotal;;;;1.200\n"
    file.write_text(f"{header}\n{rows}", encoding="utf-8")
    command = ["import", "targets", str(file), "--decimal", "comma", "--db", store_url]
    done = CliRunner().invoke(app, command)
    assert (done.exit_code, done.stdout) == (0, "2 target accounts\n"), done.output
    assert f'read: account from "{header.split(";")[0]}"; country from' in done.stderr
    assert "line 5 looks like totals" in done.stderr
    kept = world.runtime.store.read_now(targets.every)
    assert [(t.account, t.country, t.segment, t.rep, t.seats) for t in kept] == [
        ("ada.example", "DE", "small", "ann", 1200),
        ("bea.example", "FR", None, None, None),
    ]


def test_the_website_names_a_target_whose_account_is_a_name(
    world: World, tmp_path: Path, store_url: str
) -> None:
    file = tmp_path / "targets.csv"
    file.write_text("Account,Website,Employees\nAda Inc,ada.example,12\nBea Ltd,,5\n")
    done = CliRunner().invoke(app, ["import", "targets", str(file), "--db", store_url])
    assert (done.exit_code, done.stdout) == (0, "1 target account\n"), done.output
    assert 'account from "Account", else "Website"' in done.stderr
    assert "not read: Employees" in done.stderr
    assert '1 line names no company\'s mail domain, left out: line 3 "Bea Ltd"' in done.stderr
    assert [each.account for each in world.runtime.store.read_now(targets.every)] == ["ada.example"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("company,seats\nacme.example,4\n", 'no column "account"'),
        ("account,seats\nacme.example,4\nwww.ACME.example,5\n", "line 3: its account acme.example"),
        ("account\nAcme Inc\nbob@gmail.com\n", 'line 2 "Acme Inc": no account'),
        ("account,seats\nacme.example,some\n", "line 2: seats is no whole number"),
        ("account,country\nacme.example,Atlantis\n", "line 2: country is none"),
        ("account,country\n,DE\n", "line 2: no account"),
    ],
)
def test_targets_that_cannot_be_read_change_nothing(
    world: World, tmp_path: Path, store_url: str, text: str, why: str
) -> None:
    fixture(world, tmp_path, store_url)
    before = rates(world, "country")["groups"]
    file = tmp_path / "bad.csv"
    file.write_text(text)
    refused = CliRunner().invoke(app, ["import", "targets", str(file), "--db", store_url])
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert why in refused.stderr
    assert rates(world, "country")["groups"] == before
