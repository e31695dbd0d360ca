"""The overview: what it counts is what happened, and what waits for a person is named."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape

import pytest
import sqlalchemy as sa

from service.console.activity import deeds
from service.console.bars import bars_of
from service.console.score_words import score_words
from service.console.words import money
from service.db.tables.leads import touches
from service.store.ops import daily
from service.use_cases.intake.erasure import erase, export
from service.use_cases.tx import transact_now
from tests.service.console.test_console import page, sign_in
from tests.support.service import MONDAY, World
from tests.support.service_offers import a_lead_due_an_offer, the_policy


def figures(shown: str) -> dict[str, str]:
    """Each card's caption and value."""
    found = re.findall(r'class="soft">([^<]+)</span>\s*<span class="large">([^<]+)</span>', shown)
    return dict(found)


def test_the_figures_are_those_of_the_days_asked_for(world: World) -> None:
    world.hire("ada")
    for lead in ("L1", "L2"):
        world.sign_up(id=lead)
    world.claim("ada")
    world.wait(days=10)
    world.sign_up(id="L3", email="cy@other.example")
    world.send("/v1/outcomes", bought("L3", world))
    sign_in(world, "manager")

    assert figures(page(world))["Sign-ups"] == "3"
    assert figures(page(world))["Converted"] == "1"
    today = world.clock.now().date()
    lately = world.client.get(f"/?from={today - timedelta(days=2)}").text
    assert figures(lately)["Sign-ups"] == "1"
    assert figures(lately)["Contacted in time"] in ("–", "0%")
    before = world.client.get(f"/?from={MONDAY.date()}&to={MONDAY.date()}").text
    assert figures(before)["Sign-ups"] == "2"
    assert figures(before)["Converted"] == "0"
    assert figures(before)["Contacted in time"] == "100%"


def test_what_is_compared_is_said_and_so_is_what_cannot_be(world: World) -> None:
    world.hire("ada")
    for lead in ("L1", "L2"):
        world.sign_up(id=lead, email=f"{lead}@one.example")
    sign_in(world, "manager")
    today = world.clock.now().date()
    assert "no data for all of the 30 days before" in page(world)
    assert f"/?from={today - timedelta(days=6)}&amp;to={today}" in page(world)
    world.wait(days=1)
    for lead in ("L3", "L4"):
        world.sign_up(id=lead, email=f"{lead}@two.example")
    sign_in(world, "manager")
    today = world.clock.now().date()
    one_day = world.client.get(f"/?from={today}&to={today}").text
    assert "no change on the day before" in one_day
    assert "-0%" not in one_day


def test_who_was_contacted_in_time_is_counted_beside_those_of_before(world: World) -> None:
    world.hire("ada")
    world.sign_up()
    world.sign_up()
    world.claim("ada")
    world.wait(days=1)
    world.sign_up()
    world.claim("ada")  # the second of yesterday, a day late
    sign_in(world, "manager")
    today = world.clock.now().date()

    shown = " ".join(world.client.get(f"/?from={today}&to={today}").text.split())

    assert "-100 points on the day before (before: 1 of 1)" in shown
    assert "0 of 1 times that a lead was due to a rep in these days" in shown
    assert "Response times count first contacts only." in shown
    assert "Contacted in time on Overview counts more" in world.client.get("/team").text


def test_reversed_days_are_said(world: World) -> None:
    sign_in(world, "manager")
    shown = world.client.get("/?from=2026-11-02&to=2026-10-02").text
    assert "The end was before the start" in shown
    assert 'name="from" value="2026-10-02"' in shown
    assert "The end was before" not in page(world)


def bought(lead: str, world: World) -> dict[str, object]:
    return {
        "id": f"order-{lead}",
        "lead_id": lead,
        "kind": "converted",
        "at": world.clock.now().isoformat(),
    }


@pytest.mark.parametrize(
    "asked",
    ["from=yesterday", "from=2999-01-01", "to=1999-13-40", "from=1000-01-01", "to=0001-01-01"],
)
def test_days_that_are_none_are_no_fault(world: World, asked: str) -> None:
    sign_in(world, "manager")
    assert world.client.get(f"/?{asked}").status_code == 200


def test_a_claim_after_its_due_time_is_not_in_time(world: World) -> None:
    world.hire("ada")
    world.sign_up(id="L1")
    world.wait(days=3)
    taken = world.claim("ada")
    assert taken["lead"]["id"] == "L1" if "lead" in taken else taken["lead_id"] == "L1"

    in_time, due = world.runtime.store.read_now(
        lambda connection: daily.claimed_in_time(connection, MONDAY - timedelta(days=1), 10)
    )

    assert sum(in_time) == 0
    assert sum(due) >= 1


def test_what_waits_for_a_person_is_named_with_its_number(world: World) -> None:
    sign_in(world, "manager")
    assert "No rep is available" in page(world)
    world.hire("ada")
    world.sign_up(id="L1")
    world.wait(days=3)
    world.post("manager", "/v1/mail/pause", {"reason": "wrong words in a mail"})
    sign_in(world, "manager")  # an idle session has ended by now

    shown = page(world)

    assert "No rep is available" not in shown
    assert re.search(r"<b>1</b>\s*<span class=.link.>lead past their due time", shown)
    assert "Mail is paused (wrong words in a mail)" in shown
    assert "no ground to write" in shown  # L1 came without a consent


def test_offers_before_their_first_reading_show_how_far_it_is(world: World) -> None:
    the_policy(world)
    world.did(a_lead_due_an_offer(world), "project created")
    sign_in(world, "manager")

    shown = page(world)

    assert "What offers earned" in shown
    assert "No account was assigned yet" in shown or re.search(r"\d of [\d,]+ accounts", shown)


def test_a_rep_notes_a_call_on_a_lead_they_have_not_claimed(world: World) -> None:
    world.hire("ada")
    world.hire("bob", available=False)
    lead = world.sign_up(id="L1", first_name="Ines")["lead_id"]
    sign_in(world, "ada")

    noted = world.client.post(
        f"/leads/{lead}/touch", data={"kind": "call", "once": "a"}, follow_redirects=False
    )
    again = world.client.post(
        f"/leads/{lead}/touch", data={"kind": "call", "once": "a"}, follow_redirects=False
    )

    assert noted.status_code == again.status_code == 303
    timeline = world.get("manager", f"/v1/leads/{lead}").json()["timeline"]
    assert [line["what"] for line in timeline].count("touch") == 1
    odd = world.client.post(f"/leads/{lead}/touch", data={"kind": "séance", "once": "b"})
    assert odd.status_code == 422
    assert "séance" not in odd.text
    sign_in(world, "bob")
    not_theirs = world.client.post(f"/leads/{lead}/touch", data={"kind": "call", "once": "c"})
    assert not_theirs.status_code == 403


def test_what_was_said_at_a_logged_contact_is_read_later_and_goes_with_the_person(
    world: World,
) -> None:
    world.hire("ada")
    lead = world.sign_up(id="L1", first_name="Ines", email="ines@large.example")["lead_id"]
    sign_in(world, "ada")
    said = {"kind": "call", "note": "  Wants <SSO> by May. ", "once": "a"}
    world.client.post(f"/leads/{lead}/touch", data=said)
    people = {"lead": lead, "kind": "meeting", "note": "Their CFO signs.", "once": "b"}
    world.client.post("/accounts/large.example/people", data=people)
    world.touched(lead, "chat", note="Asked for a discount.")

    for path in (f"/leads/{lead}", "/accounts/large.example"):
        assert 'name="note" maxlength="2000"' in world.client.get(path).text
    shown = unescape(world.client.get(f"/leads/{lead}").text)
    for note in ("Wants <SSO> by May.", "Their CFO signs.", "Asked for a discount."):
        assert f"<q>{note}</q>" in shown
    told = transact_now(world.runtime, lambda tx: export(tx, "ines@large.example"))
    assert "Their CFO signs." in json.dumps(told, default=str)
    long = {"kind": "call", "note": "x" * 10_001, "once": "c"}
    assert world.client.post(f"/leads/{lead}/touch", data=long).status_code == 422
    transact_now(world.runtime, lambda tx: erase(tx, lead))
    assert world.rows(sa.select(touches)) == []


def test_deeds_are_told_newest_first_and_signs_of_buying_before_the_rest() -> None:
    def event(name: str, minutes: int) -> dict[str, object]:
        return {"name": name, "at": MONDAY - timedelta(minutes=minutes)}

    told = deeds(
        [
            event("Pricing Page Viewed", 300),
            event("pricing_page", 20),
            event("teammate invited", 1500),
            *(event(f"thing_{i} opened", 5 + i) for i in range(6)),
            event("pricing", -5),  # not yet
        ],
        MONDAY,
    )

    assert [(deed.says, deed.ago, deed.times) for deed in told] == [
        ("Thing 0 opened", "5 min ago", 1),
        ("Thing 1 opened", "6 min ago", 1),
        ("Thing 2 opened", "7 min ago", 1),
        ("Looked at pricing", "20 min ago", 2),
        ("Invited colleagues", "25 h 00 min ago", 1),
    ]
    assert not deeds([], MONDAY)


def score(base: float, *points: float) -> dict[str, object]:
    total = base + sum(points)
    return {
        "base_points": base,
        "points": total,
        "probability": 1 / (1 + 2 ** (-total / 20)),
        "reasons": [
            {"caption": f"reason {i}", "value": value, "points": each}
            for i, (each, value) in enumerate(
                zip(points, (True, None, 3.5, "b_c", 1), strict=False)
            )
        ],
    }


def test_a_score_in_words_holds_it_against_the_average_and_names_the_heaviest() -> None:
    told = score_words(score(-72.7, 16.5, -6.61, 5.84, 5.03, -30.0))
    assert told.speak_for == ["reason 0: yes", "reason 2: 3.5", "reason 3: b c"]
    assert told.speak_against == ["reason 4: 1"]
    assert told.compared == "0.7 × the average trial"
    assert score_words(score(-60.0, 0.5)).compared == "as the average trial"
    assert score_words(score(20.0, 20.0)).chance == "80%"


def test_the_shown_changes_sum_to_the_shown_chance() -> None:
    bars = bars_of(score(-72.7, 16.53, -6.61, 5.84, 5.03, -30.0))
    changes = sum(bar.change for bar in bars.reasons)
    assert round(bars.start.chance + changes, 1) == bars.total.chance


def test_money_to_two_figures() -> None:
    assert money(850_542, "USD", whole=True) == "$8,500"
    assert money(4_268, "USD", whole=True) == "$43"
    assert money(5_449_999, "JPY", whole=True) == "¥5,400,000"
    assert money(0, "EUR", whole=True) == "€0"


def test_a_time_carries_its_moment_for_the_readers_zone(world: World) -> None:
    world.hire("ada")
    world.sign_up(id="L1", signed_up_at="2026-11-02T07:30:00+01:00")
    sign_in(world, "manager")
    shown = world.client.get("/leads/L1").text
    assert '<time data-at datetime="2026-11-02T06:30Z">2 Nov 2026, 06:30</time>' in shown
    assert "&lt;time" not in shown


def test_a_card_says_that_a_call_is_worth_it_only_where_that_is_the_reason(world: World) -> None:
    world.hire("ada")
    notice = {"ground": "trial_account", "notice_at": "2026-11-01T10:00:00Z"}
    world.sign_up(id="L1", first_name="Ines", country="DE", phone="+49 30 901820", consent=notice)
    sign_in(world, "ada")
    assert "Worth a call today: about" in page(world)
    world.send("/v1/screenings", screened("L1", world))
    shown = page(world)
    assert "Worth a call today" not in shown
    assert "Interested, as noted in a screening call on" in shown


def test_who_may_be_neither_called_nor_mailed_is_worth_time_not_a_mail(world: World) -> None:
    world.hire("ada")
    world.sign_up(id="L1", country="DE", phone="+49 30 901820", consent=None)
    sign_in(world, "ada")
    for shown in (page(world), world.client.get("/leads/L1").text):
        assert "no ground is known on which they may be written to" in shown
        assert "Worth your time today" in shown


def screened(lead: str, world: World) -> dict[str, object]:
    return {
        "id": f"call-{lead}",
        "lead_id": lead,
        "result": "interested",
        "by_machine": False,
        "at": world.clock.now().isoformat(),
    }
