"""Who may order a report and for whom; what the pages say and refuse."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from service.db.tables.leads import report_orders, report_readers
from tests.support.service import World
from tests.support.signed_calls import SEGMENT_SECRET, segment
from tests.support.teams import Team

MakeWorld = Callable[..., World]


@pytest.fixture
def team(make_world: MakeWorld) -> Team:
    return Team(make_world(usage_report=True))


def test_the_link_is_the_products_to_give_and_for_its_own_people_only(team: Team) -> None:
    path = f"/v1/accounts/{team.account}/report-link?lead={team.people[0]}"
    assert team.world.client.get(path).status_code == 401
    assert team.world.get("manager", path).status_code == 401
    assert team.link(account="other.example").status_code == 404
    assert "/a/" in team.link().json()["link"]
    assert "/r/" in team.link(who="member").json()["link"]
    assert team.link(who="owner").status_code == 422
    team.say(0, attributes={"deactivated": True})
    assert team.link().json() == {"link": None, "why": "deactivated"}


def test_a_members_link_orders_nothing_and_an_old_one_neither(team: Team) -> None:
    order = team.page(0, "admin")
    for wrong in (order.replace("/a/", "/r/"), team.page(0).replace("/r/", "/a/"), order[:-1]):
        assert team.world.client.get(wrong).status_code == 404
        assert team.world.client.post(wrong, data={"readers": team.address(1)}).status_code == 404
    team.world.wait(days=31)
    assert team.world.client.get(order).status_code == 404
    assert team.world.count(report_orders) == 0


def test_looking_orders_nothing(team: Team) -> None:
    page = team.world.client.get(team.page(0, "admin"))
    assert page.status_code == 200
    assert "You order it as Ana Lima." in page.text
    assert team.world.client.head(team.page(0, "admin")).status_code == 200
    assert team.world.count(report_orders) == 0


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("boss@stranger.example", "nobody in your team has this address"),
        ("boss@acme.example", "nobody in your team has this address"),  # their domain, no member
        ("<b>x</b>", "this is not a mail address"),
        ("x", "x: this is not a mail address"),
        ("person3@acme.example", "does not want such mail"),
        ("person4@acme.example", "nobody in your team has this address"),
    ],
)
def test_an_address_that_cannot_get_it_is_named_and_nothing_is_ordered(
    team: Team, address: str, said: str
) -> None:
    team.say(3, do_not_email=True)
    team.say(4, attributes={"deactivated": True})

    answer = team.order(readers=[1, address])

    assert answer.status_code == 422
    assert said in answer.text
    assert "Nothing was saved." in answer.text
    assert "<b>x</b>" not in answer.text
    assert team.world.count(report_orders) == team.world.count(report_readers) == 0
    assert team.world.captured() == []  # nobody was asked either


def test_an_address_that_only_a_form_told_is_refused(make_world: MakeWorld) -> None:
    team = Team(make_world(usage_report=True, segment_secret=SEGMENT_SECRET))
    told = {
        "type": "identify",
        "messageId": "m-1",
        "userId": "u-1",
        "timestamp": "2026-11-02T08:59:00Z",
        "traits": {"email": "form@acme.example"},
    }
    path, raw, headers = segment(told)
    assert team.world.client.post(path, content=raw, headers=headers).status_code == 200

    answer = team.order(readers=["form@acme.example"])

    assert answer.status_code == 422
    assert "we do not know yet that this address is theirs" in answer.text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"readers": "", "every": "month"}, "at least one mail address"),
        ({"readers": " \n, ", "every": "month"}, "at least one mail address"),
        ({"readers": "person1@acme.example", "every": "day"}, "how often"),
        ({"readers": "person1@acme.example"}, "how often"),
        ({"readers": "\n".join(f"p{n}@acme.example" for n in range(11)), "every": "month"}, "ten"),
    ],
)
def test_an_order_that_says_too_little_or_too_much_is_refused(
    team: Team, form: dict[str, str], said: str
) -> None:
    answer = team.world.client.post(team.page(0, "admin"), data=form)

    assert answer.status_code == 422
    assert said in answer.text
    assert team.world.count(report_orders) == 0


def test_ordering_twice_is_one_order_and_its_latest_words_stand(team: Team) -> None:
    team.order(readers=[1, " Person1@ACME.example "])
    team.order(readers=[1])
    team.order(readers=[1, 2], every="week")

    assert team.world.count(report_orders) == 1
    state = team.state()
    assert (state["every"], len(state["readers"])) == ("week", 2)
    assert "person1@acme.example\nperson2@acme.example" in (
        team.world.client.get(team.page(0, "admin")).text
    )


def test_the_admin_ends_the_report_where_it_was_ordered_and_orders_it_again(team: Team) -> None:
    team.order(readers=[1, 2], every="week")
    path = team.page(0, "admin")
    assert "End the report for everybody" in team.world.client.get(path).text

    answer = team.world.client.post(path, data={"do": "end"})

    assert answer.status_code == 200
    assert "The report has ended for everybody." in answer.text
    for page in (path, team.page(1)):
        assert "It ended on 2 November 2026. Nobody gets it any more." in (
            team.world.client.get(page).text
        )
    assert "person1@acme.example\nperson2@acme.example" in answer.text  # for who orders it again
    assert "End the report for everybody" not in answer.text
    assert team.state()["ended_why"] == "ended"
    again = team.world.client.post(path, data={"do": "end"})
    assert (again.status_code, team.world.count(report_orders)) == (409, 1)
    assert team.order(readers=[1]).status_code == 200
    assert team.state()["ended_at"] is None


def test_a_change_says_what_holds_from_now_on(team: Team) -> None:
    first = team.order(readers=[1])
    assert "Order a usage report" not in first.text
    assert "The report is ordered." in first.text
    team.world.wait(days=1)

    changed = team.order(readers=[1, 2], every="week").text

    assert "Saved. Every week, to person1@acme.example and person2@acme.example." in changed
    assert "<h1>Your team&#39;s usage report</h1>" in changed
    assert team.page(0) in changed  # their own page: figures, and being left out of them


def test_another_admin_ends_it_only_once_it_is_theirs(team: Team) -> None:
    team.order(readers=[1])
    path = team.page(3, "admin")

    assert "If you save, the report is yours, and you can end it." in (
        team.world.client.get(path).text
    )
    assert team.world.client.post(path, data={"do": "end"}).status_code == 409
    assert team.state()["ended_at"] is None
    team.order(readers=[1], by=3)
    assert team.world.client.post(path, data={"do": "end"}).status_code == 200
    assert team.state()["ended_why"] == "ended"


def test_a_link_that_was_kept_orders_nothing_once_reports_are_off(make_world: MakeWorld) -> None:
    team = Team(make_world(usage_report=True))
    path = team.page(0, "admin")
    team.world = make_world()

    assert "switched off" in team.world.client.get(path).text
    form = {"readers": team.address(1), "every": "month"}
    assert team.world.client.post(path, data=form).status_code == 409
    assert team.world.count(report_orders) == 0


def test_everybody_in_the_team_sees_that_it_was_ordered_and_by_whom(team: Team) -> None:
    assert "Nobody has ordered a usage report" in team.world.client.get(team.page(4)).text

    team.order(readers=[1])

    page = team.world.client.get(team.page(4)).text
    assert "Ana Lima ordered this report on 2 November 2026." in page
    assert "person1@acme.example" in page
    assert "about 2 December 2026" in page
    team.works()
    team.turn(2026, 12, 2)
    assert "Exports and downloads" in team.world.client.get(team.page(4)).text


def test_a_page_is_closed_to_who_left_the_team(team: Team) -> None:
    path = team.page(4)
    team.order()
    team.say(4, attributes={"deactivated": True})

    answer = team.world.client.get(path)
    assert answer.status_code == 404
    assert "Ana" not in answer.text
    assert team.world.client.post(path, data={"do": "leave"}).status_code == 404


@pytest.mark.parametrize("what", ["", "destroy", "end\0"])
def test_what_no_button_says_does_nothing(team: Team, what: str) -> None:
    team.order()
    assert team.press(what).status_code == 422
    assert team.state()["ended_at"] is None


def test_no_link_is_given_beside_a_team_that_only_looks_on(make_world: MakeWorld) -> None:
    team = Team(make_world(usage_report=True, shadow=True))
    assert team.link().json() == {"link": None, "why": "shadow"}
