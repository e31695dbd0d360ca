"""When a mail may leave: grounds by country, quiet hours, caps, bounces, and the switch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from offers.policy import parse_policy
from service.db.tables.leads import outbox, parked
from service.domain.consent import LAWFUL_BASES, Channel, read_lawful_bases
from service.domain.quiet_hours import QuietHours
from service.errors import ConfigurationError
from service.store.ops import outbox as mail
from tests.support.service import CONSENT, World
from tests.support.service_offers import POLICY, a_lead_due_an_offer

TALKS = CONSENT | {"ground": "contract_talks"}


def states(world: World) -> list[tuple[str, str | None]]:
    return [tuple(row) for row in world.rows(sa.select(outbox.c.state, outbox.c.reason))]


def staged(world: World, **fields: object) -> str:
    world.runtime.policy = parse_policy(POLICY)
    lead = a_lead_due_an_offer(world, **fields)
    world.did(lead, "opened")
    return lead


def test_a_ground_that_the_country_does_not_accept_lets_no_mail_be_decided(world: World) -> None:
    staged(world, country="DE", consent=TALKS)
    staged(world, country="US", consent=TALKS)

    assert len(states(world)) == 1


def test_a_ground_that_no_longer_holds_where_the_person_is_keeps_the_mail_back(
    world: World,
) -> None:
    lead = staged(world, id="L1", country="US", consent=TALKS)
    assert states(world) == [("due", None)]

    world.sign_up(id=lead, email=None, country="DE")
    world.work()

    assert states(world)[0] == ("withheld", "ground_not_accepted_in_DE")
    assert world.captured() == []


def test_a_teams_own_table_replaces_the_shipped_one(
    make_world: Callable[..., World], tmp_path: Path
) -> None:
    table = tmp_path / "grounds.toml"
    table.write_text(
        "as_of = 2026-11-20\n"
        '[default]\naccepts = ["consent"]\n[unknown]\naccepts = ["consent"]\n'
        '[country.DE]\naccepts = ["contract_talks"]\nwhy = "counsel said so"\n'
    )
    world = make_world(grounds=table)

    staged(world, country="DE", consent=TALKS)
    staged(world, country="US", consent=TALKS)

    assert [state for state, _ in states(world)] == ["due"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "as_of"),
        ("as_of = 2026-01-01", "[default]"),
        ('as_of = 2026-01-01\n[default]\naccepts = ["because"]\n', "because"),
        ("as_of = ", "cannot be read"),
        ('as_of = 2026-01-01\n[default.fax]\naccepts = ["consent"]\n', "fax"),
        ('as_of = 2026-01-01\n[default.call]\naccepts = ["consent"]\n', "[default]"),
        ('as_of = 2026-01-01\ndefault = "all"\n', "[default]"),
    ],
)
def test_a_table_that_makes_no_sense_is_refused_by_place(
    tmp_path: Path, text: str, said: str
) -> None:
    table = tmp_path / "grounds.toml"
    table.write_text(text)

    with pytest.raises(ConfigurationError, match=said.replace("[", r"\[")):
        read_lawful_bases(table)


def test_the_shipped_table_is_dated_and_says_why() -> None:
    shipped = read_lawful_bases()

    assert shipped.as_of.year == 2026
    rules = [rule for place in shipped.rules.values() for rule in place.values()]
    assert len(rules) > 20
    for rule in rules:
        assert rule.why
        assert rule.source
        assert rule.as_of.year == 2026
        assert rule.ask_counsel or rule.source != "none recorded"
        assert set(rule.accepts) <= {*LAWFUL_BASES, "none"}


@pytest.mark.parametrize(
    ("country", "channel", "ground", "is_accepted"),
    [
        ("DE", "mail", "contract_talks", False),
        ("DE", "mail", "trial_account", True),
        ("DE", "call", "trial_account", True),
        ("DE", "machine_call", "trial_account", False),
        ("DE", "product", "none", True),
        ("PL", "mail", "trial_account", False),
        ("JP", "machine_call", "consent", True),
        (None, "machine_call", "similar_products", False),
        (None, "mail", "trial_account", True),
    ],
)
def test_each_channel_has_a_rule_of_its_own(
    country: str | None, channel: Channel, ground: str, is_accepted: bool
) -> None:
    assert read_lawful_bases().accepts(ground, country, channel) is is_accepted


def test_an_own_table_that_knows_mail_only_leaves_the_other_channels_as_shipped(
    tmp_path: Path,
) -> None:
    table = tmp_path / "grounds.toml"
    table.write_text(
        'as_of = 2026-11-20\n[default]\naccepts = ["consent"]\n[unknown.mail]\naccepts = []\n'
        '[country.DE.call]\naccepts = ["consent"]\nas_of = 2026-11-21\nask_counsel = true\n'
    )
    own = read_lawful_bases(table)

    assert not own.accepts("similar_products", "DE")
    assert not own.accepts("consent", None)
    assert not own.accepts("trial_account", "DE", "call")
    assert own.rule_of("DE", "call").as_of.day == 21
    assert own.rule_of("DE", "machine_call") == read_lawful_bases().rule_of("DE", "machine_call")


def test_a_mail_waits_for_the_persons_morning_and_is_no_failed_attempt(world: World) -> None:
    staged(world, timezone="America/Los_Angeles")  # nine in the morning in London: one at night
    world.work()
    assert states(world) == [("due", "quiet_hours")]
    (attempts,) = world.rows(sa.select(outbox.c.attempts))[0]
    assert attempts == 0

    world.clock.set(datetime(2026, 11, 2, 7, 59, tzinfo=ZoneInfo("America/Los_Angeles")))
    world.work()
    assert world.captured() == []
    world.wait(minutes=1)
    world.work()

    assert len(world.captured()) == 1


NIGHT = QuietHours(start=time(21), end=time(8))


@pytest.mark.parametrize(
    ("at", "ends"),
    [
        ("2026-11-02T20:59+01:00", None),
        ("2026-11-02T21:00+01:00", "2026-11-03T08:00+01:00"),
        ("2026-11-03T07:59+01:00", "2026-11-03T08:00+01:00"),
        ("2026-11-03T08:00+01:00", None),
        ("2026-10-24T23:00+02:00", "2026-10-25T08:00+01:00"),  # the clocks change
    ],
)
def test_quiet_hours_end_on_the_persons_own_clock(at: str, ends: str | None) -> None:
    found = NIGHT.end_after(datetime.fromisoformat(at).astimezone(UTC), "Europe/Berlin")

    assert found == (None if ends is None else datetime.fromisoformat(ends))


@given(
    minute=st.integers(0, 400 * 24 * 60),
    zone=st.sampled_from(["Europe/Berlin", "America/Sao_Paulo", "Asia/Kolkata", "UTC"]),
    text=st.sampled_from(["21:00-08:00", "12:00-13:30", "00:00-06:00", "09:00-09:00"]),
)
def test_the_end_of_quiet_hours_is_never_quiet_itself(minute: int, zone: str, text: str) -> None:
    hours = QuietHours.read(text)
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)

    ends = hours.end_after(at, zone)

    if ends is not None:
        assert at < ends <= at + timedelta(days=1, hours=2)
        assert hours.end_after(ends, zone) is None


def test_a_lead_with_enough_mails_gets_the_next_one_later(make_world: Callable[..., World]) -> None:
    world = make_world(mails_per_lead=1)
    lead = staged(world)
    world.work()
    assert len(world.captured()) == 1
    again = {"lead": lead, "offer": None, "email": "extra-months", "context": context_of(world)}
    now = world.clock.now()
    world.runtime.store.write_now(lambda c: mail.stage(c, id="second", now=now, **again))  # type: ignore[arg-type]  # names are its own

    world.work()
    assert ("due", "lead_has_enough") in states(world)
    world.wait(days=31)
    world.work()

    assert [state for state, _ in states(world)] == ["sent", "sent"]


def test_a_full_day_of_mail_puts_the_rest_off(make_world: Callable[..., World]) -> None:
    world = make_world(mails_per_day=1)
    for _ in range(40):  # offers go to a share of the live trials
        world.sign_up()
    staged(world)
    staged(world)

    world.work()
    assert sorted(states(world), key=str) == [("due", "day_is_full"), ("sent", None)]
    world.wait(days=1, minutes=1)
    world.work()

    assert [state for state, _ in states(world)] == ["sent", "sent"]


def context_of(world: World) -> str:
    return str(world.rows(sa.select(outbox.c.context))[0][0])


def a_bounce(**fields: object) -> dict[str, object]:
    return {"id": "b1", "kind": "hard", "at": "2026-11-02T08:00:00Z"} | fields


@pytest.mark.parametrize("kind", ["hard", "complaint"])
def test_a_hard_bounce_or_a_complaint_ends_mail_to_that_address(world: World, kind: str) -> None:
    staged(world, email="bea@large.example")
    bounce = a_bounce(email="BEA@large.example", kind=kind)

    answers = [world.send("/v1/bounces", bounce).json() for _ in range(2)]
    world.work()

    assert answers == [
        {"suppressed": True, "duplicate": False},
        {"suppressed": True, "duplicate": True},
    ]
    assert states(world)[0][0] == "withheld"
    assert world.captured() == []


def test_a_soft_bounce_is_kept_and_ends_nothing(world: World) -> None:
    lead = staged(world, email="bea@large.example")

    told = world.send("/v1/bounces", a_bounce(lead_id=lead, kind="soft")).json()
    world.work()

    assert told == {"suppressed": False, "duplicate": False}
    assert len(world.captured()) == 1


def test_a_bounce_that_names_nobody_is_refused(world: World) -> None:
    answer = world.send("/v1/bounces", a_bounce())

    assert (answer.status_code, answer.json()["code"]) == (422, "nobody_named")


def test_paused_mail_waits_and_leaves_when_it_is_resumed(world: World) -> None:
    staged(world)
    paused = world.post("manager", "/v1/mail/pause", {"reason": "wrong price in the mail"})
    assert paused.json()["paused"] is True

    world.work()
    assert states(world) == [("due", None)]
    shown = world.get("manager", "/v1/mail").json()
    assert (shown["paused"], shown["reason"]) == (True, "wrong price in the mail")
    assert world.post("manager", "/v1/mail/resume").json()["paused"] is False
    world.work()

    assert len(world.captured()) == 1


def test_a_fact_parked_beside_its_sign_up_is_joined_by_the_worker(world: World) -> None:
    world.sign_up(id="L1", external_ids={"user": "u1"})
    world.sign_up(id="L2")
    for number, names in enumerate(
        ([{"kind": "user", "value": "u1"}], [{"kind": "lead", "value": "L2"}])
    ):
        park(world, f"e{number}", names)

    world.work()

    assert world.count(parked) == 0
    for lead in ("L1", "L2"):
        timeline = world.get("manager", f"/v1/leads/{lead}").json()["timeline"]
        assert [line["what"] for line in timeline].count("event") == 1


def park(world: World, event: str, names: list[dict[str, str]]) -> None:
    """An event as it is left when its sign-up committed between the look-up and the parking."""
    from service.store.leads import facts
    from service.store.leads.facts import StoredEvent

    now = world.clock.now()
    stored = StoredEvent(
        id=event, lead=None, name="opened", at=now, received_at=now, known_at=now, properties=None
    )

    def work(connection: sa.Connection) -> None:
        facts.insert_events(connection, [stored])
        facts.park(connection, "event", event, [(n["kind"], n["value"]) for n in names])

    world.runtime.store.write_now(work)
