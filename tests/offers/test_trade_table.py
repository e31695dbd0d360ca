"""Every give for every get, however it ends: the table in `tests/cases/offers/trades.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest

from offers import lifecycle as life
from offers.deeds import fulfil, missing_deeds, needs_order, owed_after
from offers.lifecycle import Offer, Redemption
from offers.order_check import to_confirm
from offers.quote import PriceBook, quote
from offers.terms import DEEDS, GETS, GIVES, Order, Terms, read_give
from tests.offers.test_stories import CASES

TABLE = tomllib.loads((CASES / "trades.toml").read_text())
ISSUED = datetime(2026, 12, 1, 12, tzinfo=UTC)
ENDS = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
IN_TIME, TOO_LATE = datetime(2026, 12, 20, 9, tzinfo=UTC), datetime(2027, 1, 2, 9, tzinfo=UTC)
PRICE = PriceBook(
    plan="business", currency="USD", list_minor=2480, floor_minor=0, base_list_minor=2480
)
LACKING: dict[str, dict[str, Any]] = {
    "seats": {"seats": 19},
    "term_months": {"term_months": 11},
    "prepay": {"prepaid": False},
    "self_serve_purchase": {},
}


class Cell(NamedTuple):
    give: str
    get: str
    value: Any
    by: str
    ending: str
    wanted: dict[str, str]

    def __str__(self) -> str:
        return f"{self.give} for {self.get} ({self.by}), {self.ending}"


def cells() -> Iterator[Cell]:
    gets = [*TABLE["gets"].items(), *TABLE["later"].items()]
    for give, how in TABLE["gives"].items():
        for get, asked in gets:
            is_bought = how["order"] or asked["by"] in ("order", "date", "later")
            rows = TABLE["with_order" if is_bought else "without_order"]
            for ending in TABLE["endings"]:
                found = [row[ending] for row in rows if asked["by"] in row["by"] and ending in row]
                assert len(found) == 1, (give, get, ending)
                yield Cell(give, get, asked["value"], asked["by"], ending, found[0])


CELLS = list(cells())


def the_offer(cell: Cell) -> Offer:
    value = TABLE["gives"][cell.give]["value"]
    terms = Terms(
        policy_id="table",
        policy_version="1",
        rule="cell",
        why="",
        email=None,
        gives={cell.give: value},
        gets={cell.get: cell.value},
        quote=quote(PRICE, seats=20, term_months=12, gives=[read_give(cell.give, value)]),
        reserve_minor=0,
        reserve_currency="USD",
        ends_at=ENDS,
        timezone="UTC",
        sentence="",
    )
    return replace(life.begin("offer_1", terms), issued_at=ISSUED, state="accepted")


def deeds_shown(cell: Cell) -> dict[str, Any]:
    """What the service saw or somebody confirmed: all of it, unless it is what is missed."""
    if cell.get not in DEEDS or cell.ending == "missed":
        return {"self_serve_purchase": cell.ending != "missed"}
    whole = {"departments": 2, "invite_teammates": 3, "referral": 2}
    named = {"campaign_code": " site20 ", "partner_purchase": "site"}
    return {cell.get: (whole | named).get(cell.get, True)}


def play(cell: Cell) -> tuple[str, bool, set[str]]:
    """The state it ends in, whether the give was handed over, and the tasks there are."""
    offer, shows = the_offer(cell), deeds_shown(cell)
    heard_at = TOO_LATE if cell.ending == "told late" else IN_TIME
    if not needs_order(offer.terms):
        if heard_at > ENDS or cell.ending == "missed":
            ended = life.expire(offer, TOO_LATE)
            assert isinstance(ended, Offer)
            offer = ended
        done = fulfil(offer, shows)
        return (offer.state, False, set()) if done is None else (done.offer.state, True, {"grant"})
    if heard_at > ENDS:
        ended = life.expire(offer, heard_at)
        assert isinstance(ended, Offer)
        offer = ended
    order = Order(
        plan="business",
        seats=20,
        term_months=12,
        prepaid=True,
        paid_at=TOO_LATE if cell.by == "date" and cell.ending == "missed" else IN_TIME,
        invoice="in_1",
        shows=shows,
    )
    if cell.ending == "missed":
        order = replace(order, **LACKING.get(cell.get, {}))
    redemption = life.redeem(offer, order)
    assert isinstance(redemption, Redemption)
    after = redemption.offer
    tasks = {"grant"} if redemption.grants else set()
    missed = {each.get for each in redemption.missed}
    if missed & {grant.give for grant in to_confirm(offer.terms)}:
        tasks.add("confirm")
    if redemption.grants and owed_after(offer.terms, IN_TIME):
        tasks.add("owed")
    if cell.ending == "refunded":
        reversed_offer = life.change_order(after, None)
        assert isinstance(reversed_offer, Offer)
        return reversed_offer.state, False, {"take_back"}
    return after.state, bool(redemption.grants), tasks


def test_the_table_holds_every_give_and_get() -> None:
    assert set(TABLE["gives"]) == set(TABLE["delivered"]) == set(GIVES)
    assert set(TABLE["gets"]) == set(GETS)
    assert len(CELLS) == 9 * 19 * 4


@pytest.mark.parametrize("give", list(GIVES))
def test_each_cell_ends_as_the_table_says(give: str) -> None:
    for cell in CELLS:
        if cell.give != give:
            continue
        state, has_it, tasks = play(cell)
        assert state == cell.wanted["state"], cell
        assert has_it == (cell.wanted["gets"] == "all"), cell
        wanted = cell.wanted["task"]
        assert (wanted in tasks) if wanted != "none" else not tasks, (str(cell), tasks)


@pytest.mark.parametrize("give", list(GIVES))
def test_nothing_is_conceded_while_a_deed_is_missing(give: str) -> None:
    for cell in CELLS:
        if cell.give != give or cell.by not in ("deed", "word"):
            continue
        offer = the_offer(cell)
        assert [each.get for each in missing_deeds(offer.terms, {})] == [cell.get]
        assert fulfil(offer, {}) is None


def test_a_payment_a_second_after_the_end_is_late_and_one_in_the_last_second_is_not() -> None:
    for cell in CELLS:
        if cell.by != "date" or cell.ending != "kept":
            continue
        for moment, state in ((ENDS, "redeemed"), (ENDS + timedelta(seconds=1), "missed")):
            order = Order(
                plan="business",
                seats=20,
                term_months=12,
                prepaid=True,
                paid_at=moment,
                invoice="in_1",
            )
            redemption = life.redeem(the_offer(cell), order)
            assert isinstance(redemption, Redemption)
            assert redemption.offer.state == state, cell
