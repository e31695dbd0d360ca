"""Nothing goes to who left, opted out, was switched off or was erased, and nothing queued for them
survives the transaction that says so; an order ends with who gave it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from service.db.tables.leads import captured_mail, report_letters, report_orders
from service.use_cases.intake.erasure import erase
from service.use_cases.tx import transact_now
from tests.support.service import World
from tests.support.teams import Team

MakeWorld = Callable[..., World]


@pytest.fixture
def team(make_world: MakeWorld) -> Team:
    """A team whose report is ordered for two people."""
    team = Team(make_world(usage_report=True))
    assert team.order(readers=[1, 2]).status_code == 200
    team.works()
    return team


def queued(team: Team) -> None:
    """The report is made, and lies in the outbox because it is night."""
    team.turn(2026, 12, 2, 23)
    assert {state for state, _ in team.mails().values()} == {"due"}


def unsubscribe(team: Team) -> None:
    path = team.world.runtime.links.unsubscribe(_ref(team, 1)).rpartition("/u/")[2]
    assert team.world.client.post(f"/u/{path}").status_code == 200


def complain(team: Team) -> None:
    body = {"id": "b-1", "email": team.address(1), "kind": "complaint", "at": _now(team)}
    assert team.world.send("/v1/bounces", body).status_code == 200


def bounce(team: Team) -> None:
    body = {"id": "b-1", "email": team.address(1), "kind": "hard", "at": _now(team)}
    assert team.world.send("/v1/bounces", body).status_code == 200


def go(team: Team) -> None:
    transact_now(team.world.runtime, lambda tx: erase(tx, team.people[1]))


GOODBYES: dict[str, tuple[Callable[[Team], object], str]] = {
    "unsubscribed": (unsubscribe, "suppressed_unsubscribed"),
    "complained": (complain, "suppressed_complained"),
    "bounced": (bounce, "suppressed_bounced"),
    "asked for no mail": (lambda team: team.say(1, do_not_email=True), "do_not_email"),
    "deactivated": (lambda team: team.say(1, attributes={"deactivated": True}), "deactivated"),
    "no longer active": (lambda team: team.say(1, attributes={"active": False}), "deactivated"),
    "left the company": (
        lambda team: team.say(1, attributes={"left_company": "yes"}),
        "deactivated",
    ),
    "moved to another company": (
        lambda team: team.say(1, email="person1@other.example"),
        "address_changed",
    ),
    "left the report": (lambda team: team.press("leave"), "left_report"),
    "taken off by the admin": (lambda team: team.order(readers=[2]), "left_report"),
    "erased": (go, "lead_gone"),
}


@pytest.mark.parametrize("how", GOODBYES)
def test_what_is_queued_for_somebody_is_withheld_as_they_go(team: Team, how: str) -> None:
    queued(team)
    goodbye, reason = GOODBYES[how]

    goodbye(team)

    # before the worker has looked again: by the transaction itself
    states = sorted(team.mails().values())
    assert states == [("due", "quiet_hours"), ("withheld", reason)]
    team.turn(2026, 12, 3)
    assert (len(team.got(1)), len(team.got(2))) == (0, 1)


@pytest.mark.parametrize("how", [how for how in GOODBYES if how != "erased"])
def test_who_is_gone_before_it_is_made_gets_none(team: Team, how: str) -> None:
    GOODBYES[how][0](team)

    team.turn(2026, 12, 2)

    assert (len(team.got(1)), len(team.got(2))) == (0, 1)
    gone = [one for one in team.state()["readers"] if one["lead_id"] == team.people[1]]
    assert all(one["why_not"] for one in gone)  # or is on the list no more


def test_who_left_comes_back_by_their_own_word_only(team: Team) -> None:
    team.press("leave")

    refused = team.order(readers=[1, 2])
    assert refused.status_code == 422
    assert "does not want such mail" in refused.text
    assert team.state()["readers"][0]["lead_id"] == team.people[2]

    assert team.press("join").status_code == 200
    team.turn(2026, 12, 2)
    assert len(team.got(1)) == 1


def test_somebody_nobody_named_does_not_join(team: Team) -> None:
    assert team.press("join", person=3).status_code == 409
    assert [one["lead_id"] for one in team.state()["readers"]] == team.people[1:3]


def test_who_objects_is_in_no_sum_and_may_come_back(team: Team) -> None:
    team.press("uncount", person=5)
    team.turn(2026, 12, 2)
    assert "Active people: 5" in team.got(1)[0]["text"]

    team.press("count", person=5)
    team.works(at=datetime(2026, 12, 1, 12, tzinfo=UTC))
    team.turn(2027, 1, 2)
    assert "Active people: 6 (+1)" in team.got(1)[0]["text"]


@pytest.mark.parametrize("how", ["deactivated", "moved", "erased"])
def test_the_report_ends_with_who_ordered_it_and_its_readers_are_told(team: Team, how: str) -> None:
    queued(team)
    if how == "deactivated":
        team.say(0, attributes={"deactivated": True})
    elif how == "moved":
        team.say(0, email="ana@other.example")
    else:
        transact_now(team.world.runtime, lambda tx: erase(tx, team.people[0]))

    assert set(team.mails().values()) <= {("withheld", "report_ended")}
    state = team.state()
    assert (state["ended_why"], state["next_at"]) == ("orderer_left", None)
    team.turn(2026, 12, 3)
    team.turn(2027, 1, 3)
    assert team.got(1) == []
    (note,) = team.got(1, "About your team")
    assert "the colleague who ordered it is no longer in your team" in note["text"]
    assert "no longer in your team" in team.world.client.get(team.page(1)).text


def test_an_erased_admins_name_is_in_no_letter_and_no_mailbox(team: Team) -> None:
    team.turn(2026, 12, 2)
    assert "Ana Lima" in team.got(1)[0]["text"]

    transact_now(team.world.runtime, lambda tx: erase(tx, team.people[0]))

    kept = [
        *team.world.rows(report_letters.select()),
        *team.world.rows(captured_mail.select()),
        *team.world.rows(report_orders.select()),
    ]
    assert not any("Ana" in str(row) or team.people[0] in str(row) for row in kept)
    assert "Ana" not in team.world.client.get(team.page(1)).text


def test_erasing_somebody_leaves_the_sums_and_nothing_of_them(team: Team) -> None:
    team.turn(2026, 12, 2)

    transact_now(team.world.runtime, lambda tx: erase(tx, team.people[1]))

    assert team.state()["reports"][0]["actions"] == {"export": 6}
    assert team.world.count(report_letters) == 1
    team.works(people=[0, 2, 3, 4, 5], at=datetime(2026, 12, 1, 12, tzinfo=UTC))
    team.turn(2027, 1, 2)
    assert "Active people: 5 (−1)" in team.got(2)[0]["text"]


def test_the_order_follows_a_company_that_is_only_called_otherwise(team: Team) -> None:
    for person in range(6):
        team.say(person, external_ids={"company": "7"})

    renamed = team.world.get("manager", "/v1/accounts/company:7").json()["report"]
    assert renamed["ended_at"] is None
    team.turn(2026, 12, 2)
    assert (len(team.got(1)), len(team.got(2))) == (1, 1)


def test_two_leads_that_turn_out_to_be_one_person_get_it_once(team: Team) -> None:
    queued(team)
    for person, ids in ((1, {"user": "u1"}), (2, {"user": "u1"})):
        team.say(person, external_ids=ids)
    body = {"id": team.people[1], "external_ids": {"user": "u2"}, "email": team.address(1)}
    team.world.sign_up(**body)
    team.world.sign_up(id=team.people[2], external_ids={"user": "u2"}, email=team.address(1))

    team.turn(2026, 12, 3)

    assert len(team.got(1)) + len(team.got(2)) <= 1


def test_who_ordered_it_ends_it_and_nobody_else_does(team: Team) -> None:
    queued(team)
    assert team.press("end", person=1).status_code == 409
    assert team.state()["ended_at"] is None

    assert team.press("end", person=0).status_code == 200

    assert set(team.mails().values()) == {("withheld", "report_ended")}
    assert team.press("end", person=0).status_code == 409
    team.turn(2027, 1, 3)
    assert team.got(1) == []


def test_another_admin_takes_the_order_over_by_ordering(team: Team) -> None:
    assert team.order(readers=[2], by=3).status_code == 200

    state = team.state()
    assert state["ordered_by"] == team.people[3]
    assert [one["lead_id"] for one in state["readers"]] == [team.people[2]]
    team.say(0, attributes={"deactivated": True})
    team.turn(2026, 12, 2)
    assert len(team.got(2)) == 1


def _ref(team: Team, person: int) -> str:
    from service.db.tables.leads import leads

    (row,) = team.world.rows(leads.select().where(leads.c.id == team.people[person]))
    return str(row.ref)


def _now(team: Team) -> str:
    return team.world.clock.now().isoformat()


def test_who_unsubscribed_is_no_more_among_those_who_get_the_report(team: Team) -> None:
    team.order(readers=[1, 2])

    unsubscribe(team)

    own, others = (team.world.client.get(team.page(person)).text for person in (1, 2))
    assert "You do not get this report: you receive no emails from us." in own
    assert "Send me the last one once more" not in own
    assert "Send me the last one once more" in others
    order = team.world.client.get(team.page(0, "admin")).text
    for page in (own, others, order):
        silent = page.partition("Does not get it (no emails from us)")[2]
        assert team.address(1) in silent.partition("</dd>")[0]
    assert f">\n{team.address(2)}</textarea>" in order  # saving the order again refuses nobody


def test_a_reader_may_leave_only_the_report_from_the_link_in_a_mail(team: Team) -> None:
    team.order(readers=[1, 2])
    link = team.world.runtime.links.unsubscribe(_ref(team, 1))
    path = f"/u/{link.rpartition('/u/')[2]}"
    asked = team.world.client.get(path).text
    assert "Stop only the report" in asked

    done = team.world.client.post(f"{path}?only=report")

    assert "You will not get your team&#39;s usage report any more." in done.text
    assert [reader["lead_id"] for reader in team.state()["readers"]] == [team.people[2]]
    assert "No more emails from us?" in team.world.client.get(path).text  # the rest goes on
    assert "Stop only the report" not in team.world.client.get(path).text
    assert team.world.client.post(f"{path[:-1]}?only=report").status_code == 404
