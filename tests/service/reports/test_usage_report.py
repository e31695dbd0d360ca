"""A report to the customer's boss: ordered, made once, sent to who is there, and its traps."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

from service.db.tables.leads import outbox, report_letters, reports
from tests.support.service import World
from tests.support.teams import NOVEMBER, Team

MakeWorld = Callable[..., World]


def test_a_report_tells_sums_against_the_month_before_and_who_ordered_it(
    make_world: MakeWorld,
) -> None:
    team = Team(make_world(usage_report=True))
    team.works(at=datetime(2026, 10, 12, 12, tzinfo=UTC), times=1)
    team.order(readers=[1])
    team.works(times=2)
    team.world.did(team.people[0], "Deal created", at=NOVEMBER)

    team.turn(2026, 12, 2)

    (mail,) = team.got(1)
    assert mail["subject"] == "Your team's usage report: November 2026"
    assert "Active people: 6 (as before)" in mail["text"]
    assert "Exports and downloads: 12 (+6)" in mail["text"]
    assert "Ana Lima ordered this report on 2 November 2026." in mail["text"]
    assert "Kinds of actions that fewer than five people did are left out." in mail["text"]
    assert "Other actions" not in mail["text"]  # one person's only
    assert "/u/" in mail["text"]
    assert re.search(r"person\d@", mail["text"]) is None
    assert team.state()["reports"][0]["actions"] == {"export": 12}


def test_nothing_can_be_ordered_where_reports_are_off(world: World) -> None:
    team = Team(world)

    assert team.link().json() == {"link": None, "why": "off"}
    team.works()
    team.turn(2026, 12, 2)
    assert team.mails() == {}


def test_a_report_that_was_ordered_is_not_sent_once_reports_are_off(
    make_world: MakeWorld, store_url: str
) -> None:
    team = Team(make_world(usage_report=True))
    team.order()
    team.works()
    team.turn(2026, 12, 1, 23)
    off = make_world()
    off.clock.advance(team.world.clock.now() - off.clock.now())
    team.world = off

    team.turn(2026, 12, 2)
    assert team.mails() == {}
    assert team.state()["closed"] == "off"


def test_fewer_than_five_active_people_are_no_report_and_the_admin_is_told_once(
    make_world: MakeWorld,
) -> None:
    team = Team(make_world(usage_report=True))
    team.order()
    team.works(people=[0, 1, 2, 3])

    team.turn(2026, 12, 2)
    team.turn(2027, 1, 2)

    assert team.got(1) == []
    (note,) = team.got(0, "About your team")
    assert "Fewer than five people of your team were active in November 2026" in note["text"]
    seen = [(each["state"], each["why"], each["people"]) for each in team.state()["reports"]]
    assert seen == [("none", "too_few", None)] * 2


def test_visits_and_looks_at_prices_are_no_activity(make_world: MakeWorld) -> None:
    team = Team(make_world(usage_report=True))
    team.order()
    for person in team.people:
        team.world.did(person, "viewed pricing", "Pricing page viewed", at=NOVEMBER)

    team.turn(2026, 12, 2)

    assert team.state()["reports"][0]["why"] == "too_few"


def test_what_arrives_late_changes_no_report_and_the_next_says_so(make_world: MakeWorld) -> None:
    team = Team(make_world(usage_report=True))
    team.order()
    team.works()
    team.turn(2026, 12, 2)
    (first,) = team.got(1)

    team.works(times=3)  # of November, known in December
    team.works(at=datetime(2026, 12, 1, tzinfo=UTC), times=2)
    team.turn(2026, 12, 3)
    assert [mail["text"] for mail in team.got(1)] == [first["text"]]

    team.turn(2027, 1, 2)
    second = team.got(1)[0]
    assert "Exports and downloads: 12 (+6)" in second["text"]  # against what was told: 6
    assert "Some activity of November 2026 arrived after that report" in second["text"]


def test_one_period_is_made_once_however_often_the_worker_runs(make_world: MakeWorld) -> None:
    team = Team(make_world(usage_report=True))
    team.order(readers=[1, 2])
    team.works()
    for day in (1, 2, 3, 4):
        team.turn(2026, 12, day)

    assert [len(team.got(person)) for person in (1, 2)] == [1, 1]
    assert team.world.count(reports) == 1


def test_a_report_is_not_before_its_period_has_settled(make_world: MakeWorld) -> None:
    team = Team(make_world(usage_report=True))
    team.order()
    team.works()

    team.turn(2026, 12, 1)
    assert team.mails() == {}
    assert team.state()["next_period"] == "2026-11"
    team.turn(2026, 12, 2)
    assert len(team.got()) == 1


def test_sent_once_more_it_is_the_same_bytes_though_everything_changed_since(
    make_world: MakeWorld,
) -> None:
    team = Team(make_world(usage_report=True))
    team.order()
    team.works()
    team.turn(2026, 12, 2)
    (first,) = team.got(1)
    (kept,) = team.world.rows(report_letters.select())
    team.works(times=5)
    team.say(1, first_name="Bo", locale="de")
    team.world.wait(days=3)

    assert "noch einmal zu Ihnen unterwegs" in team.press("again").text
    team.world.work()

    (again,) = team.world.rows(outbox.select().where(outbox.c.email == "usage-report"))
    assert (again.state, again.attempts) == ("sent", 1)
    assert team.world.rows(report_letters.select()) == [kept]
    assert [mail["headers"] for mail in team.got(1)] == [first["headers"]]
    assert [mail["html"] for mail in team.got(1)] == [first["html"]]


def test_a_week_is_a_week_of_the_billing_zone(make_world: MakeWorld) -> None:
    team = Team(make_world(usage_report=True))
    team.order(every="week")
    team.works(at=datetime(2026, 11, 1, 23, 59, tzinfo=UTC))
    team.works(at=datetime(2026, 11, 2, tzinfo=UTC), times=2)
    team.turn(2026, 11, 10)

    (mail,) = team.got(1)
    assert "2–8 Nov 2026" in mail["subject"].replace("\u2009", "")
    assert "Exports and downloads: 12 (+6)" in mail["text"]
    assert team.state()["reports"][0]["period"] == "2026-W45"


def test_periods_that_were_missed_are_named_and_only_the_newest_is_sent(
    make_world: MakeWorld,
) -> None:
    team = Team(make_world(usage_report=True))
    team.order()
    team.works()
    team.world.clock.advance(datetime(2027, 1, 20, tzinfo=UTC) - team.world.clock.now())
    team.works(at=datetime(2027, 1, 5, tzinfo=UTC))
    team.turn(2027, 2, 2)

    seen = {each["period"]: each["why"] for each in team.state()["reports"]}
    assert seen == {"2026-11": "missed", "2026-12": "missed", "2027-01": None}
    assert len(team.got(1)) == 1


def test_a_report_does_not_use_up_the_mails_a_lead_gets_nor_wait_for_room(
    make_world: MakeWorld,
) -> None:
    team = Team(make_world(usage_report=True, mails_per_lead=1))
    team.order(every="week")
    for day in (3, 10, 17):
        team.turn(2026, 11, day)
        team.works(at=team.world.clock.now())
    team.turn(2026, 11, 24)

    assert len(team.got(1)) == 3


def test_it_waits_for_the_readers_morning_and_for_mail_that_is_paused(
    make_world: MakeWorld,
) -> None:
    team = Team(make_world(usage_report=True))
    team.order()
    team.works()
    team.world.post("manager", "/v1/mail/pause", {"reason": "we look at it first"})
    team.turn(2026, 12, 2, 23)
    assert team.mails() == {team.people[1]: ("due", None)}
    team.world.post("manager", "/v1/mail/resume", {"reason": "it is well"})
    team.world.work()
    assert team.mails() == {team.people[1]: ("due", "quiet_hours")}

    team.turn(2026, 12, 3, 10)
    assert len(team.got(1)) == 1
