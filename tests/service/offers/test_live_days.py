"""A promotion that never ends is the new price: days count across rules, names and versions."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from offers.policy import parse_policy
from service.db.tables.leads import live_days, offers
from tests.support.service import World
from tests.support.service_offers import POLICY, a_lead_due_an_offer

LIMITED = POLICY.replace("[guardrails]", "[guardrails]\nlive_days_per_year = 2")
RENAMED = LIMITED.replace("three-more-months", "months-again").replace(
    "seats_requested >= 60", "seats_requested >= 55"
)
OTHER_GIVE = LIMITED.replace("extra_months = 3", "extra_seats = 5")
OTHER_AUDIENCE = LIMITED.replace("seats_requested >= 60", "seats_requested < 60")


def asked(world: World, text: str, **fields: Any) -> dict[str, Any]:
    """What one more lead due an offer is told under a policy."""
    world.runtime.policy = parse_policy(text)
    lead = a_lead_due_an_offer(world, **fields)
    answer: dict[str, Any] = world.post("manager", f"/v1/leads/{lead}/offer").json()
    return answer


def limit_of(answer: dict[str, Any]) -> dict[str, Any]:
    (found,) = [each for each in answer["guardrails"] if each["name"] == "live_days_per_year"]
    return dict(found)


def test_days_on_which_a_like_concession_was_got_add_up_across_names_and_versions(
    world: World,
) -> None:
    for text in (LIMITED, RENAMED):
        for _ in range(2):  # a day counts once, however many offers it saw
            assert asked(world, text)["issued"] is True
        world.wait(days=1)

    full = asked(world, RENAMED)

    assert (full["offer"], limit_of(full)["held"]) == (None, False)
    assert (limit_of(full)["limit"], limit_of(full)["actual"]) == (2, 2)
    assert len(world.rows(sa.select(live_days.c.day))) == 2


def test_another_audience_another_kind_of_give_or_a_day_a_year_ago_does_not_count(
    world: World,
) -> None:
    for _ in range(2):
        assert asked(world, LIMITED)["issued"] is True
        world.wait(days=1)
    assert asked(world, LIMITED)["offer"] is None

    assert asked(world, OTHER_AUDIENCE, seats=30)["issued"] is True
    assert asked(world, OTHER_GIVE)["issued"] is True
    world.wait(days=363)
    assert asked(world, LIMITED)["issued"] is True


def test_another_kind_of_give_does_not_begin_the_promotion_anew(world: World) -> None:
    both = "live_days_per_year = 2\nlive_days_per_year_any = 2"
    first, then = (text.replace("live_days_per_year = 2", both) for text in (LIMITED, OTHER_GIVE))
    assert asked(world, first)["issued"] is True
    world.wait(days=1)
    assert asked(world, then)["issued"] is True
    world.wait(days=1)

    full = asked(world, then)

    (refused,) = [each for each in full["guardrails"] if not each["held"]]
    assert (refused["name"], refused["actual"]) == ("live_days_per_year_any", 2)


def test_mail_by_itself_stops_at_the_limit_too(world: World) -> None:
    for _ in range(4):
        world.runtime.policy = parse_policy(LIMITED)
        world.did(a_lead_due_an_offer(world), "project created")
        world.wait(days=1)

    assert world.count(offers) == 2
