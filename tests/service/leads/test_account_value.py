"""What an account is worth while extra months of an offer run: neither renewed nor gone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from service.domain.account_money import Entry, add_up
from service.domain.account_value import ExtraMonths, value_of
from tests.service.offers.test_order_converts import PAID, pays, the_offer
from tests.support.service import World
from tests.support.service_offers import the_policy


def at(month: int, day: int = 2, year: int = 2026) -> datetime:
    return datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, day, 9, tzinfo=UTC)


def paid(month: int, months: int, minor: int, invoice: str, sub: str | None = None) -> Entry:
    kind = "converted" if invoice.endswith("1") else "renewed"
    return Entry(
        id=invoice,
        lead="L",
        kind=kind,  # type: ignore[arg-type]  # one of the two
        at=at(month),
        months=months,
        minor=minor,
        currency="USD",
        invoice=invoice,
        subscription=sub,
        seats=10,
    )


YEAR = [paid(1, 12, 1200, "a1")]
MONTHS = [paid(n, 1, 100, f"m{n}", "s") for n in range(1, 13)]
THREE = ExtraMonths(invoice="a1", months=3, since=at(13))
AFTER_A_YEAR = ExtraMonths(invoice="m1", months=2, since=at(13))
CHURNED = Entry(id="c", lead="L", kind="churned", at=at(13))


@pytest.mark.parametrize(
    ("entries", "extra", "month", "worth"),
    [
        (YEAR, THREE, 12, 1200),
        (YEAR, THREE, 13, 1200),
        (YEAR, THREE, 15, 1200),
        (YEAR, THREE, 16, 0),
        (YEAR, ExtraMonths(invoice="a1", months=3, since=None), 15, 1200),
        (YEAR, ExtraMonths(invoice="else", months=3, since=at(13)), 15, 0),
        ([*YEAR, CHURNED], THREE, 14, 0),  # told that access ended
        ([*YEAR, paid(14, 12, 2400, "a2")], THREE, 14, 2400),  # renewed before they were over
        ([*YEAR, paid(16, 12, 2400, "a2")], THREE, 28, 0),  # they were used in between
        (MONTHS, AFTER_A_YEAR, 3, 100),  # a period of the committed year, not more
        (MONTHS, AFTER_A_YEAR, 14, 100),
        (MONTHS, AFTER_A_YEAR, 15, 0),
        (MONTHS[:6], AFTER_A_YEAR, 13, 0),  # the year was not paid for
    ],
)
def test_paid_extra_months_are_worth_what_the_contract_is(
    entries: list[Entry], extra: ExtraMonths, month: int, worth: int
) -> None:
    now = at(month, 3)
    found = value_of(
        add_up(entries, now, "UTC"),
        conceded=(0, "USD"),
        margin_percent=100,
        now=now,
        zone="UTC",
        extra=[extra],
    )
    assert found is not None
    assert found.current_minor == worth


def test_the_account_shows_it(world: World) -> None:
    the_policy(world)
    _, offer = the_offer(world)
    assert pays(world, offer)["outcome"] == "redeemed"
    shown = []
    for days in (300, 100, 100):
        world.wait(days=days)
        account = world.get("manager", "/v1/accounts/large.example").json()
        shown.append(account["value"]["current_minor"])
    assert shown == [PAID["minor"], PAID["minor"], 0]  # twelve months, then three more
