"""A list of subscriptions tells the account's ledger what the billing system's events would."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from service.cli import app
from service.domain.account_money import Entry, add_up
from service.importers.rows import RowError
from service.schemas.parsing import read_model
from service.schemas.subscriptions import INTERVALS, Subscription
from service.use_cases.intake.import_subscriptions import outcomes_of
from tests.support.connected_service import Town
from tests.support.service import World

PLAIN = (
    "subscription,email,status,start,current period end,ended at,interval,plan,seats,amount,"
    "currency\n"
)
STRIPE = (
    "id,Customer ID,Customer Email,Plan,Quantity,Currency,Interval,Amount,Status,Created (UTC),"
    "Start Date (UTC),Current Period Start (UTC),Current Period End (UTC),Canceled At (UTC),"
    "Ended At (UTC)\n"
)


def told(**fields: Any) -> Subscription:
    common = {"id": "sub_9", "lead_id": "L1", "status": "active", "started_at": "2025-03-31T08:00Z"}
    return read_model(Subscription, common | fields)


def lines(**fields: Any) -> list[tuple[str, str, int | None]]:
    found = outcomes_of(told(**fields), "UTC")
    return [
        (one.kind, f"{one.at:%Y-%m-%d}", None if one.amount is None else one.amount.minor)
        for one in found
    ]


PAID = {"amount": {"minor": 4900, "currency": "EUR"}}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, [("converted", "2025-03-31", 4900)]),
        ({"period_ends_at": "2025-04-30T08:00Z"}, [("converted", "2025-03-31", 4900)]),
        (
            {"period_ends_at": "2027-03-31T08:00Z", "interval": 12},
            [("converted", "2025-03-31", None), ("renewed", "2026-03-31", 4900)],
        ),
        (
            {"period_starts_at": "2025-04-14T08:00Z", "trial_ends_at": "2025-04-14T08:00Z"},
            [("converted", "2025-04-14", 4900)],
        ),
        (
            {"status": "overdue", "period_ends_at": "2025-06-30T08:00Z"},
            [("converted", "2025-03-31", None)],
        ),
        (
            {
                "status": "ended",
                "period_ends_at": "2025-06-30T08:00Z",
                "ended_at": "2025-06-11T08:00Z",
            },
            [
                ("converted", "2025-03-31", None),
                ("renewed", "2025-05-30", 4900),
                ("churned", "2025-06-30", None),
            ],
        ),
        (
            {"status": "ended", "canceled_at": "2025-04-02T08:00Z"},
            [("converted", "2025-03-31", 4900), ("churned", "2025-04-02", None)],
        ),
        *(
            (
                {
                    "status": status,
                    "period_ends_at": "2025-06-30T08:00Z",
                    "canceled_at": canceled,
                    "ended_at": ended,
                    "end_reason": reason,
                },
                [("converted", "2025-03-31", None), ("churned", over, None)],
            )
            for status, canceled, ended, reason, over in (
                ("ended", "2025-06-21T08:00Z", "2025-06-21T08:00Z", "payment_failed", "2025-06-21"),
                ("ended", "2025-06-21T08:00Z", None, "Not Paid", "2025-06-21"),
                ("ended", None, None, "nonpayment", "2025-05-30"),
                ("unpaid", None, None, None, "2025-05-30"),
                ("unpaid", "2025-04-02T08:00Z", None, None, "2025-05-30"),
            )
        ),
        (
            {
                "status": "ended",
                "period_ends_at": "2025-06-30T08:00Z",
                "ended_at": "2025-06-11T08:00Z",
                "end_reason": "too expensive, they have not paid attention",
            },
            [
                ("converted", "2025-03-31", None),
                ("renewed", "2025-05-30", 4900),
                ("churned", "2025-06-30", None),
            ],
        ),
        (
            {"canceled_at": "2025-04-02T08:00Z"},  # said, and access goes on
            [("converted", "2025-03-31", 4900)],
        ),
    ],
)
def test_a_row_tells_its_sale_the_period_paid_last_and_its_end(
    fields: dict[str, Any], expected: list[tuple[str, str, int | None]]
) -> None:
    assert lines(**PAID, **fields) == expected


@pytest.mark.parametrize(
    ("interval", "starts", "ends", "months"),
    [
        (1, "2026-10-02", "2026-11-02", 1),
        (1, "2026-08-31", "2026-11-30", 3),
        (1, "2026-08-02", "2027-08-02", 12),
        (12, "2026-08-02", "2028-08-02", 24),
        (12, "2026-08-02", "2026-08-31", 12),  # up to the day on which all are billed
        (1, None, "2027-08-02", 1),
        (1, "1900-01-01", "2027-08-02", 120),
    ],
)
def test_a_period_that_is_told_is_longer_than_its_intervals_word(
    interval: int, starts: str | None, ends: str, months: int
) -> None:
    """A price each three months is listed as one of "month", with its period."""
    period = {"period_ends_at": f"{ends}T08:00Z", "interval": interval}
    period |= {} if starts is None else {"period_starts_at": f"{starts}T08:00Z"}
    assert outcomes_of(told(**PAID, **period), "UTC")[-1].period_months == months


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"status": "unpaid_yet"}, "nothing was paid yet"),
        ({"status": "ended"}, "no column says when"),
        ({"status": "unpaid"}, "its first period was never paid"),
        (
            {"period_starts_at": "2025-05-01T00:00Z", "period_ends_at": "2025-04-01T00:00Z"},
            "lies before the period's start",
        ),
    ],
)
def test_a_row_that_tells_nothing_says_why(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(RowError, match=says):
        outcomes_of(told(**fields), "UTC")


@pytest.mark.parametrize(
    ("status", "interval", "months"),
    [
        ("aktiv", "jährlich", 12),
        ("Actif", "Mensuel", 1),
        ("activa", "trimestral", 3),
        ("ativo", "6 meses", 6),
        ("PAUSIERT", "halbjährlich", 6),
        ("active", "2 ans", 24),
    ],
)
def test_a_list_is_read_in_the_words_of_five_languages(
    store_url: str, tmp_path: Path, status: str, interval: str, months: int
) -> None:
    with World(store_url) as world:
        world.sign_up(id="kim", email="kim@haus.example")
    rows = (
        f"K-1,kim@haus.example,{status},2026-01-05,,,{interval},team,12,9.00,eur\n"
        "K-2,kim@haus.example,testphase,2026-01-05,,,Monat,team,12,1.00,eur\n"
    )
    done = imported(tmp_path, PLAIN + rows, store_url)
    assert "1 subscriptions imported" in done.stdout, done.output
    assert "line 3: status: nothing was paid yet" in done.stderr
    with World(store_url) as world:
        assert money(world, "haus.example")["ended_at"] is None
    assert INTERVALS[interval.casefold()] == months


def test_the_word_for_a_cancelled_subscription_ends_it(store_url: str, tmp_path: Path) -> None:
    words = ("gekündigt", "résilié", "cancelada", "encerrado")
    with World(store_url) as world:
        for n, _ in enumerate(words):
            world.sign_up(id=f"kim{n}", email=f"kim@haus{n}.example")
    rows = "".join(
        f"K-{n},kim@haus{n}.example,{word},2025-01-05,,2026-01-05,año,team,12,9.00,eur\n"
        for n, word in enumerate(words)
    )
    done = imported(tmp_path, PLAIN + rows, store_url)
    assert "4 subscriptions imported" in done.stdout, done.output
    with World(store_url) as world:
        for n, _ in enumerate(words):
            assert money(world, f"haus{n}.example")["ended_at"] == "2026-01-05T00:00:00Z"


def sale(id: str, day: int, kind: Any = "converted", **more: Any) -> Entry:
    at = datetime(2026, 1, day, tzinfo=UTC)
    return Entry(id=id, lead="L1", kind=kind, at=at, subscription="s", **more)


def test_a_period_counts_once_and_another_subscription_or_a_later_invoice_for_itself() -> None:
    listed = sale("list", 5, minor=1000, currency="EUR", seats=4, plan="team")
    invoiced = sale("inv", 9, minor=900, currency="EUR", invoice="in_1")
    other = sale("other", 9, minor=70, currency="EUR", invoice="in_2")
    money = add_up([listed, invoiced], datetime(2026, 3, 1, tzinfo=UTC), "UTC")
    assert [(e.id, e.minor, e.seats, e.plan) for e in money.payments] == [("inv", 900, 4, "team")]
    apart = [replace(other, subscription="t"), replace(other, at=datetime(2026, 2, 6, tzinfo=UTC))]
    for one in apart:
        both = add_up([listed, one], datetime(2026, 3, 1, tzinfo=UTC), "UTC")
        assert both.sums[0].paid_minor == 1070


def imported(folder: Path, text: str, url: str, *options: str) -> Result:
    file = folder / "held.csv"
    file.write_text(text, encoding="utf-8")
    return CliRunner().invoke(
        app, ["import", "subscriptions", str(file), "--db", url, *(options or ("--yes",))]
    )


def money(world: World, account: str) -> dict[str, Any]:
    shown = world.get("manager", f"/v1/accounts/{account}")
    assert shown.status_code == 200, shown.text
    return dict(shown.json()["money"])


def test_a_plain_list_comes_in_once_is_refused_by_line_and_goes_out_again(
    store_url: str, tmp_path: Path
) -> None:
    with World(store_url) as world:
        world.sign_up(id="kim", email="kim@haus.example")
        world.sign_up(id="lee", email="lee@boot.example")
        before = world.get("manager", "/v1/leads/kim").json()["lead"]
    text = PLAIN + (
        "K-1,kim@haus.example,active,2024-10-05,2026-10-05,,annual,team,12,1440.50,eur\n"
        "B-7,lee@boot.example,cancelled,2026-08-01,2026-09-01,2026-08-20,monthly,solo,1,19,eur\n"
        "T-1,kim@haus.example,trialing,2026-10-30,,,monthly,team,3,0,eur\n"
        "W-1,kim@haus.example,active,2026-10-30,,,fortnight,team,3,10,eur\n"
        "X-1,nobody@else.example,active,2026-10-30,,,monthly,team,3,10,eur\n"
        ",kim@haus.example,active,2026-10-30,,,monthly,team,3,10,eur\n"
    )
    tried = imported(tmp_path, text, store_url, "--dry-run")
    assert "2 rows can be imported; none was" in tried.stdout, tried.output
    done = imported(tmp_path, text, store_url)
    assert "2 subscriptions imported" in done.stdout, done.output
    for line, why in (
        (4, "nothing was paid yet"),
        (5, 'interval (column "interval"): none of month, monthly'),
        (6, "no lead has this mail address"),
        (7, "id: "),
    ):
        assert f"line {line}: " in done.stderr
        assert why in done.stderr
    with World(store_url) as world:
        kims, lees = money(world, "haus.example"), money(world, "boot.example")
        assert [(one["currency"], one["paid_minor"]) for one in kims["sums"]] == [("EUR", 144050)]
        assert (kims["seats"], kims["plan"]) == (12, "team")
        assert lees["ended_at"] == "2026-09-01T00:00:00Z"
        assert world.get("manager", "/v1/leads/kim").json()["lead"]["outcome"] == "converted"
    again = imported(tmp_path, text, store_url)
    assert "0 subscriptions imported, 2 known already" in again.stdout
    id = done.stdout.split("giveget import undo ")[1].strip()
    undone = CliRunner().invoke(app, ["import", "undo", id, "--db", store_url])
    assert "2 leads are as they were" in undone.stdout, undone.output
    with World(store_url) as world:
        assert world.get("manager", "/v1/leads/kim").json()["lead"] == before
        assert money(world, "haus.example")["entries"] == []


def test_an_account_names_the_lead_that_bought_and_an_unknown_one_is_refused(
    store_url: str, tmp_path: Path
) -> None:
    with World(store_url) as world:
        for lead in ("ada", "bob"):
            world.sign_up(id=lead, email=f"{lead}@pair.example")
        body = {"id": "o1", "lead_id": "bob", "kind": "converted", "at": "2026-11-01T09:00:00Z"}
        assert world.send("/v1/outcomes", body).status_code == 200
    text = (
        "subscription;account;status;start;seats\n"
        "P-1;pair.example;active;2026-11-01;8\nP-2;other.example;active;2026-11-01;8\n"
    )
    done = imported(tmp_path, text, store_url)
    assert "1 subscriptions imported" in done.stdout, done.output
    assert "no lead belongs to this account" in done.stderr
    with World(store_url) as world:
        entries = money(world, "pair.example")["entries"]
        assert [entry["kind"] for entry in entries] == ["converted", "converted"]
        assert money(world, "pair.example")["seats"] == 8
        assert world.get("manager", "/v1/leads/ada").json()["lead"]["outcome"] is None


@pytest.mark.parametrize("events_first", [True, False])
def test_what_stripes_events_and_its_export_both_tell_counts_once(
    town: Town, tmp_path: Path, events_first: bool
) -> None:
    world, url = town.world, town.world.settings.db
    world.sign_up(id="buyer", email="buyer@large.example")
    now = world.clock.now()
    town.stripe.paid(None, now, n="1", seats=9, minor=9 * 12 * 2480)
    world.wait(hours=2)

    def by_events() -> None:
        town.billed("invoice.paid", {"id": "in_1"})
        town.stripe.change(status="canceled", ended_at=int(world.clock.now().timestamp()))
        town.billed("customer.subscription.deleted", {"id": "sub_1"})

    row = (
        "sub_1,cus_1,buyer@large.example,price_team,9,usd,year,297.60,canceled,2026-11-02 09:00,"
        "2026-11-02 09:00,2026-11-02 09:00,2027-11-02 09:00,2026-11-02 11:00,2026-11-02 11:00\n"
    )
    steps = [by_events, lambda: imported(tmp_path, STRIPE + row, url, "--map", "stripe")]
    for step in steps if events_first else reversed(steps):
        step()
    shown = money(world, "large.example")
    (one,) = shown["sums"]
    assert (one["paid_minor"], one["refunded_minor"]) == (9 * 12 * 2480, 0)
    assert [entry["kind"] for entry in shown["entries"]] == ["converted", "churned"]
    assert shown["seats"] == 9
    assert shown["ends_at"] == "2027-11-02T09:00:00Z"


@pytest.mark.parametrize("events_first", [True, False])
def test_a_period_that_stayed_unpaid_ends_alike_by_events_and_by_export(
    town: Town, tmp_path: Path, events_first: bool
) -> None:
    world, url = town.world, town.world.settings.db
    world.sign_up(id="buyer", email="buyer@large.example")
    began = world.clock.now()
    town.stripe.paid(None, began, n="1", seats=9, minor=9 * 2480)
    town.billed("invoice.paid", {"id": "in_1"})
    world.wait(days=52)

    def by_events() -> None:
        now = int(world.clock.now().timestamp())
        unpaid = town.stripe.objects["/v1/invoices/in_1"] | {
            "id": "in_2",
            "status": "open",
            "billing_reason": "subscription_cycle",
        }
        town.stripe.objects["/v1/invoices/in_2"] = unpaid
        town.stripe.change(status="canceled", ended_at=now, canceled_at=now, latest_invoice="in_2")
        town.billed("customer.subscription.deleted", {"id": "sub_1"})

    ended = f"{world.clock.now():%Y-%m-%d %H:%M}"
    row = (
        "sub_1,cus_1,buyer@large.example,price_team,9,usd,month,24.80,canceled,2026-11-02 09:00,"
        f"2026-11-02 09:00,2026-12-02 09:00,2027-01-02 09:00,{ended},{ended},payment_failed\n"
    )
    head = STRIPE.replace("\n", ",Cancellation Reason\n")
    steps = [by_events, lambda: imported(tmp_path, head + row, url, "--map", "stripe")]
    for step in steps if events_first else reversed(steps):
        step()
    shown = money(world, "large.example")
    assert [(one["paid_minor"], one["refunded_minor"]) for one in shown["sums"]] == [(9 * 2480, 0)]
    assert shown["ended_at"] == f"{world.clock.now():%Y-%m-%dT%H:%M:%SZ}"


def test_an_unpaid_one_that_is_paid_after_all_is_a_customer_again_and_may_leave(
    town: Town, tmp_path: Path
) -> None:
    world, url = town.world, town.world.settings.db
    world.sign_up(id="buyer", email="buyer@large.example")
    row = (
        "sub_1,cus_1,buyer@large.example,price_team,9,usd,month,24.80,unpaid,2026-08-02 09:00,"
        "2026-08-02 09:00,2026-10-02 09:00,2026-11-02 09:00,,\n"
    )
    done = imported(tmp_path, STRIPE + row, url, "--map", "stripe")
    assert "1 subscriptions imported" in done.stdout, done.output
    assert money(world, "large.example")["ended_at"] == "2026-10-02T09:00:00Z"

    town.stripe.paid(None, world.clock.now(), n="1", seats=9, minor=9 * 2480)
    town.billed("invoice.paid", {"id": "in_1"})
    assert money(world, "large.example")["ended_at"] is None
    world.wait(days=45)
    gone = row.replace("unpaid", "canceled").replace("2026-11-02 09:00,,", "2026-12-02 09:00,,")
    imported(tmp_path, STRIPE + gone, url, "--map", "stripe")
    assert money(world, "large.example")["ended_at"] == "2026-12-02T09:00:00Z"


def test_a_list_that_says_paid_where_the_one_before_said_unpaid_makes_a_customer_again(
    store_url: str, tmp_path: Path
) -> None:
    """Of the same period, which the list before said that nobody paid."""
    with World(store_url) as world:
        world.sign_up(id="kim", email="kim@haus.example")
    row = "K-1,kim@haus.example,unpaid,2026-08-05,2026-11-05,,monthly,team,12,1440.50,eur\n"
    for status, ended_at in (("unpaid", "2026-10-05T00:00:00Z"), ("active", None)):
        imported(tmp_path, PLAIN + row.replace("unpaid", status), store_url)
        with World(store_url) as world:
            assert money(world, "haus.example")["ended_at"] == ended_at


def test_the_stripe_map_takes_no_price_for_a_payment(town: Town, tmp_path: Path) -> None:
    town.world.sign_up(id="buyer", email="buyer@large.example")
    row = (
        "sub_5,cus_5,buyer@large.example,price_team,9,usd,month,24.80,active,2026-10-02 09:00,"
        "2026-10-02 09:00,2026-11-02 09:00,2026-12-02 09:00,,\n"
    )
    done = imported(tmp_path, STRIPE + row, town.world.settings.db, "--map", "stripe")
    assert "1 subscriptions imported" in done.stdout, done.output
    shown = money(town.world, "large.example")
    assert shown["sums"] == []
    assert [(e["kind"], e["at"][:10]) for e in shown["entries"]] == [
        ("converted", "2026-10-02"),
        ("renewed", "2026-11-02"),
    ]
    assert shown["seats"] == 9
