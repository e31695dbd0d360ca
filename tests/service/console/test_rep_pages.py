"""What a rep reads on the queue's card and on a lead's page."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from offers.policy import parse_policy
from scoring.features import BUILT_IN
from service.console.reason_phrases import _PHRASES, phrase
from service.db.tables.leads import leads
from service.db.tables.offers import offers
from tests.service.console.test_console import field, pressed, sign_in
from tests.service.offers.test_fulfilment import TALK
from tests.support.service import CONSENT, World
from tests.support.service_offers import POLICY, a_lead_due_an_offer

HOURS = {"start": "00:00", "end": "23:59"}


def words(shown: str) -> str:
    """A page's text in one line, as it reads."""
    return " ".join(shown.split())


def test_an_acceptance_stands_on_the_card_of_the_rep_who_is_to_call(world: World) -> None:
    world.runtime.policy = parse_policy(TALK.replace('campaign_code = "SITE20", ', ""))
    lead = a_lead_due_an_offer(world, seats=100, first_name="Elena")
    offer = world.post("manager", f"/v1/leads/{lead}/offer").json()["offer_id"]
    world.post("admin", f"/v1/offers/{offer}/approve")
    world.hire("ada")
    link = world.runtime.links.offer(offer).removeprefix(world.settings.public_url)
    assert world.client.post(f"{link}/accept").is_success

    sign_in(world, "ada")
    for path in ("/", f"/leads/{lead}"):
        shown = words(world.client.get(path).text)
        assert "Accepted your offer" in shown
        assert "call Elena; first comes" in shown
    (task,) = [t for t in _tasks(world, offer) if t["kind"] == "accepted"]
    world.post("ada", f"/v1/tasks/{task['id']}/done")
    assert "Accepted your offer" not in world.client.get(f"/leads/{lead}").text


def test_an_open_offer_and_its_mail_stand_first_on_the_card_and_the_leads_page(
    world: World,
) -> None:
    world.runtime.policy = parse_policy(POLICY)
    lead = a_lead_due_an_offer(world, first_name="Elena")
    world.work()
    (offer,) = world.rows(sa.select(offers.c.id, offers.c.number, offers.c.state))
    assert offer.state == "sent"
    world.hire("ada")
    world.touched(lead, "reply")

    sign_in(world, "ada")
    for path in ("/", f"/leads/{lead}"):
        shown = words(world.client.get(path).text)
        assert f'Open offer <a href="/offers/{offer.id}">No. {offer.number}</a>:</b>' in shown
        assert "mailed 2 Nov, not opened, ends" in shown
    card = words(world.client.get("/").text)
    assert "; nothing else until then." in " ".join(card.split())
    assert "No offer for Elena yet" not in card
    link = world.runtime.links.offer(offer.id).removeprefix(world.settings.public_url)
    world.client.cookies.clear()  # who is signed in looks as we do, not as the customer
    assert world.client.get(link).is_success
    sign_in(world, "ada")
    assert ", opened 2 Nov, ends" in words(world.client.get(f"/leads/{lead}").text)


def test_after_an_objection_that_no_rule_answers_the_give_of_the_card_is_still_offered(
    world: World,
) -> None:
    rule = 'lane == "offer" and trial_day >= 5 and seats_requested >= 60 and not rep_contacted'
    world.runtime.policy = parse_policy(
        POLICY.replace(rule, "seats_requested >= 60").replace('email = "extra-months"', "")
    )  # by mail nothing goes to who is in a conversation
    path, told = held(world, seats=80, consent=CONSENT)
    card = words(world.client.get("/").text).partition("What you can offer")[2][:700]
    assert "hree extra months" in card
    told |= {"disposition": "reached", "objection": "price"}

    to = pressed(world, path.replace("snooze", "done"), **told).headers["location"]

    answer = words(world.client.get(to).text).partition("What to answer")[2]
    assert "You may offer now: three extra months" in answer
    assert "Issue this offer" in answer.partition("</section>")[0]


def _tasks(world: World, offer: str) -> list[dict[str, Any]]:
    found = world.get("manager", f"/v1/offers/{offer}").json()["tasks"]
    assert isinstance(found, list)
    return found


def test_no_offer_is_one_line_with_the_nearest_step_and_the_rules_below(world: World) -> None:
    rule = POLICY.replace('lane == "offer"', 'grade in ("A1", "A2")').replace("email =", "# ")
    world.runtime.policy = parse_policy(rule)
    world.hire("ada")
    lead = world.sign_up(first_name="Olga", seats=60, title="intern")["lead_id"]
    sign_in(world, "ada")
    shown = words(world.client.get(f"/leads/{lead}").text)
    assert "No offer for Olga yet." in shown
    assert "Nearest: three more months; missing: grade A1 or A2 (now " in shown
    assert "trial day at least 5 (now " in shown
    assert "Next: the grade follows from who they are and what they do, and wait for the day" in (
        shown
    )
    assert "A rule that" not in shown


def test_while_an_offer_is_open_the_lead_says_so_and_names_no_other_way(world: World) -> None:
    world.runtime.policy = parse_policy(POLICY)
    lead = a_lead_due_an_offer(world, first_name="Olga")
    offer = world.post("manager", f"/v1/leads/{lead}/offer").json()["offer_id"]
    sign_in(world, "manager")
    waits = words(world.client.get(f"/leads/{lead}").text)
    assert "waits for approval until 30 Nov 2026, 23:59; nothing else until then." in waits
    world.post("admin", f"/v1/offers/{offer}/approve")
    shown = words(world.client.get(f"/leads/{lead}").text)
    box = shown[shown.index("Offer for Olga") : shown.index("Why, rule by rule")]
    assert f'<a href="/offers/{offer}">No. 1</a> is open until 30 Nov 2026, 23:59' in box
    assert "No offer for Olga yet" not in shown
    assert "would unlock" not in box
    assert "partner's code" not in box


def test_a_company_in_the_comparison_group_is_said_to_be_there(world: World) -> None:
    world.runtime.policy = parse_policy(
        POLICY.replace("[guardrails]", "[guardrails]\nholdout = 1.0")
    )
    lead = a_lead_due_an_offer(world, first_name="Olga")
    sign_in(world, "manager")
    shown = words(world.client.get(f"/leads/{lead}").text)
    assert "No offer: this company is in the comparison group." in shown
    assert "yet." not in shown.partition('id="offer"')[2].partition("Why, rule by rule")[0]
    assert world.rows(sa.select(offers)) == []


def held(world: World, **lead: Any) -> tuple[str, dict[str, str]]:
    """Where the form of ada's claim goes, and what it carries."""
    world.hire("ada", hours={"timezone": "Europe/Berlin", "days": [1, 2, 3, 4, 5, 6, 7]} | HOURS)
    world.sign_up(first_name="Ines", **lead)
    claim = world.claim("ada")
    sign_in(world, "ada")
    return f"/claims/{claim['claim']}/snooze", {"version": str(claim["version"])}


@pytest.mark.parametrize("how", ["tomorrow", "a day in nine"])
def test_a_lead_sleeps_until_a_time_of_the_reps_own_clock(world: World, how: str) -> None:
    path, told = held(world)
    there = world.clock.now().astimezone(ZoneInfo("Europe/Berlin"))
    back = there.date() + timedelta(days=1 if how == "tomorrow" else 9)
    told |= {"when": "tomorrow"} if how == "tomorrow" else {"at": f"{back}T09:00"}
    to = pressed(world, path, **told).headers["location"]

    (item,) = world.get("ada", "/v1/reps/ada/queue").json()["items"]
    woken = datetime.fromisoformat(item["lease_until"]).astimezone(ZoneInfo("Europe/Berlin"))
    assert (woken.date(), woken.hour, woken.minute) == (back, 9, 0)
    shown = words(world.client.get(to).text)
    assert f'Back <time data-at datetime="{woken.astimezone(UTC):%Y-%m-%dT%H:%MZ}">' in shown
    assert "<h2>Later</h2>" in shown
    (row,) = world.client.get("/queue.json").json()["queue"]
    assert row["due_at"] is None
    assert datetime.fromisoformat(row["back_at"]) == woken


@pytest.mark.parametrize(
    ("at", "clock", "back"),
    [
        ("2026-11-05T10:00", "America/Sao_Paulo", "Thu 5 Nov, 10:00 in Sao Paulo (14:00"),
        ("2026-11-05T10:00", "", "Thu 5 Nov, 06:00 in Sao Paulo (10:00"),
        ("", "", "Tue 3 Nov, 06:00 in Sao Paulo (10:00"),  # in a day
    ],
)
def test_a_call_and_when_to_call_back_are_one_press(
    world: World, at: str, clock: str, back: str
) -> None:
    path, told = held(world, timezone="America/Sao_Paulo")
    card = words(world.client.get("/").text)
    assert '<option value="America/Sao_Paulo">Sao Paulo (theirs)</option>' in card
    assert '<option value="">Berlin (yours)</option>' in card
    told |= {"disposition": "call_back", "at": at, "clock": clock}

    to = pressed(world, path.replace("snooze", "done"), **told).headers["location"]

    shown = words(world.client.get(to).text)
    assert f"Call logged. You call Ines back {back} in Berlin)." in shown
    assert f"{back} in Berlin)" in shown.partition("Promised</h2>")[2].partition("</ul>")[0]
    (row,) = world.client.get("/queue.json").json()["queue"]
    assert row["why_now"] == f"You promised Ines a call: {back} in Berlin)"
    page = words(world.client.get(f"/leads/{row['lead']}").text)
    assert f"You call back {back} in Berlin)." in page
    assert "Next look" not in page
    assert "rep said they would call back" not in page


def test_a_colleagues_promise_is_told_by_their_name_and_the_queue_says_how_many_more(
    world: World,
) -> None:
    path, told = held(world, timezone="Europe/Berlin")
    told |= {"disposition": "call_back", "at": "2026-11-05T10:00"}
    pressed(world, path.replace("snooze", "done"), **told)
    leads_ = [world.sign_up(seats=20 + number)["lead_id"] for number in range(27)]

    shown = words(world.client.get("/").text)

    assert "Thu 5 Nov, 10:00 in Berlin (09:00 UTC)" in shown.partition("Promised</h2>")[2]
    assert "3 more come after these." in shown
    assert len(leads_) + 1 == 25 + 3
    (promised,) = world.rows(sa.select(leads.c.id).where(leads.c.id.not_in(leads_)))
    sign_in(world, "manager")
    page = words(world.client.get(f"/leads/{promised.id}").text)
    assert "Ada calls back Thu 5 Nov, 10:00 in Berlin (09:00 UTC)." in page


@pytest.mark.parametrize("clock", ["Nowhere/Town", "../etc", "America"])
def test_a_clock_that_is_none_is_refused(world: World, clock: str) -> None:
    path, told = held(world)
    assert pressed(world, path, at="2026-11-05T10:00", clock=clock, **told).status_code == 422


@pytest.mark.parametrize("at", ["", "soon", "2026-13-01T09:00", "2999-01-01T09:00"])
def test_a_time_that_is_none_is_refused_and_the_lead_stays_held(world: World, at: str) -> None:
    path, told = held(world)
    refused = pressed(world, path, at=at, **told)
    assert refused.status_code == 422
    (item,) = world.get("ada", "/v1/reps/ada/queue").json()["items"]
    assert item["state"] == "held"


def test_a_contact_is_noted_in_view_and_stands_before_older_ones(world: World) -> None:
    world.hire("ada")
    lead = world.sign_up(first_name="Ines")["lead_id"]
    claim = world.claim("ada")
    end = f"/v1/claims/{claim['claim']}/done"
    world.post("ada", end, {"version": claim["version"], "disposition": "reached"})
    world.wait(minutes=5)
    sign_in(world, "ada")

    to = pressed(world, f"/leads/{lead}/touch", kind="meeting").headers["location"]

    assert "#" not in to  # what it says stands at the page's top
    shown = words(world.client.get(to).text)
    assert "Meeting noted; it stands first under Conversations." in shown
    listed = shown.partition('id="conversations"')[2]
    assert listed.index("<b>Meeting</b>") < listed.index("<b>Reached</b>")
    assert "<b>Call</b>" not in listed  # the claim's own call is told once


def test_a_colleague_of_another_rep_is_named_without_a_link_and_a_call_with_them_is_logged(
    world: World,
) -> None:
    world.hire("ada", countries=["ES"])
    world.hire("bob", countries=["DE"])
    hers = world.sign_up(email="ines@large.example", first_name="Ines", country="ES")["lead_id"]
    his = world.sign_up(email="kai@large.example", first_name="Kai", country="DE")["lead_id"]
    world.runtime.store.write_now(
        lambda c: c.execute(sa.update(leads).where(leads.c.id == his).values(rep="bob"))
    )
    sign_in(world, "ada")
    assert world.client.get(f"/leads/{his}").status_code == 403

    page = world.client.get(f"/leads/{hers}").text
    assert f'href="/leads/{his}"' not in page
    assert "Kai" in page
    assert "(Bob’s)" in page
    company = world.client.get("/accounts/large.example").text
    assert f'href="/leads/{his}"' not in company
    assert f'href="/leads/{hers}"' in company
    sent = pressed(world, "/accounts/large.example/people", lead=his, kind="call")
    assert sent.headers["location"].startswith("/accounts/large.example?said=saved&undo=console")
    seen = world.get("manager", f"/v1/leads/{his}").json()["timeline"]
    assert [line["detail"] for line in seen if line["what"] == "touch"] == ["call"]
    assert pressed(world, "/accounts/other.example/people", lead=his, kind="call").status_code in (
        403,
        404,
    )


@pytest.mark.parametrize(
    ("caption", "value", "says"),
    [
        ("Days since the trial began", 0, "Started today"),
        ("Days since the trial began", 1.0, "Started 1 day ago"),
        ("Days active so far", 1, "Active on only one day so far"),
        ("Seats asked for", 1200.0, "Asked for 1,200 seats"),
        ("Seats asked for", "120", "Asked for 120 seats"),
        ("Seats asked for", "20 to 50", None),
        ("Mail address", "corporate", "Uses a company address"),
        ("Country", "BR", "From Brazil"),
        ("Days since the trial began", 2.5, None),
        ("Days since the trial began", -1, None),
        ("Mail address", "unheard of", None),
        ("Seats asked for", None, None),
        ("Plan", "team", None),
    ],
)
def test_a_reason_is_a_phrase_where_one_is_known(
    caption: str, value: object, says: str | None
) -> None:
    assert phrase(caption, value) == says


def test_who_wants_an_offer_is_shown_with_what_can_be_offered_and_when_she_is_back(
    world: World,
) -> None:
    world.hire("ada")
    lead = world.sign_up(first_name="Ines")["lead_id"]
    claim = world.claim("ada")
    sign_in(world, "ada")
    end = f"/claims/{claim['claim']}/done"
    told = {"version": str(claim["version"]), "disposition": "offer_wanted"}
    to = pressed(world, end, **told).headers["location"]
    assert to.startswith(f"/leads/{lead}?back=")
    shown = words(world.client.get(to).text)
    back = world.clock.now() + timedelta(days=7)
    assert f'rests until <time data-at datetime="{back:%Y-%m-%dT%H:%MZ}">' in shown
    assert "Offer for Ines" in shown
    undone = pressed(world, f"/claims/{claim['claim']}/undo")
    assert undone.headers["location"].startswith("/?said=undone")


def test_every_phrase_stands_under_a_caption_that_a_feature_has() -> None:
    assert set(_PHRASES) <= {feature.caption for feature in BUILT_IN}


def test_a_rep_reads_what_a_lead_should_bring_as_a_sum_and_why_it_comes_first(world: World) -> None:
    world.runtime.policy = parse_policy(POLICY)
    world.hire("ada")
    world.sign_up(id="L1", seats=80, title="CFO")
    world.sign_up(id="L2", seats=None)
    sign_in(world, "ada")
    shown = words(world.client.get("/").text)
    assert re.search(
        r"That is a [\d.]+% chance of a first year worth \$24,000 \(80 seats at list price\), "
        r"for about \d+ minutes of your time\. First comes who should bring the most",
        shown,
    )
    assert "a rep minute" not in shown
    shown = words(world.client.get("/leads/L2").text)
    assert re.search(r"About \$[\d,]+ expected: a [\d.]+% chance of a first year worth", shown)
    assert "at list price, as none were named)" in shown


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"do_not_call": True}, "Do not call: they asked not to be called."),
        ({"consent": None}, "Do not call: no ground is known on which they may be called."),
        ({"consent": None}, "Do not mail: no ground is known on which they may be written to."),
        ({"do_not_email": True}, "Do not mail: they asked for no mail."),
        (  # their night
            {"timezone": "America/Los_Angeles"},
            "from Mon 2 Nov, 08:00 in Los Angeles (16:00 UTC), when their day begins.",
        ),
        ({"email": "gone@rueda.example"}, "Do not mail: mail to this address came back."),
    ],
)
def test_who_must_not_be_called_or_mailed_is_no_button_but_a_reason(
    world: World, fields: dict[str, Any], says: str
) -> None:
    world.hire("ada")
    told = {"phone": "+49 30 23125012", "country": "DE", "consent": CONSENT} | fields
    lead = world.sign_up(**{name: value for name, value in told.items() if value is not None})
    if "email" in fields:
        at = world.clock.now().isoformat()
        world.send("/v1/bounces", {"email": fields["email"], "kind": "hard", "id": "b-1", "at": at})
    sign_in(world, "ada")

    pages = ["/"] if lead["rep"] == "ada" else []  # who wants no calls is in no queue
    for path in (*pages, f"/leads/{lead['lead_id']}"):
        shown = words(world.client.get(path).text)
        assert says in shown
        barred = "mailto:" if says.startswith("Do not mail") else "tel:"
        assert barred not in shown
        assert ("tel:" in shown) is (barred == "mailto:" and "consent" not in fields)


def test_who_forbade_it_in_a_screening_call_is_no_button(world: World) -> None:
    world.hire("ada")
    lead = world.sign_up(phone="+49 30 23125012", country="DE", consent=CONSENT)["lead_id"]
    sign_in(world, "ada")
    assert "tel:" in world.client.get(f"/leads/{lead}").text
    at = world.clock.now().isoformat()
    call = {"id": "c-1", "lead_id": lead, "result": "do_not_call", "at": at, "by_machine": True}
    assert world.send("/v1/screenings", call).status_code == 200
    sign_in(world, "manager")
    shown = words(world.client.get(f"/leads/{lead}").text)
    assert "tel:" not in shown
    assert "Do not call: they asked not to be called." in shown


def test_what_cannot_be_called_or_written_to_is_no_button(world: World) -> None:
    lead = world.sign_up(email="not-an-address@@x", phone="12", first_name="Bea")["lead_id"]
    sign_in(world, "manager")

    shown = words(world.client.get(f"/leads/{lead}").text)

    assert "not-an-address@@x is no mail address." in shown
    assert "12 is no number that can be called." in shown
    assert "mailto:" not in world.client.get(f"/leads/{lead}").text


@pytest.mark.parametrize(
    ("count", "also", "said"),
    [
        (1, None, "It's yours for 30 minutes."),
        (2, "P1 King", "It's yours for 30 minutes, with 1 colleague."),
        (4, "P1 King and 2 more colleagues", "It's yours for 30 minutes, with 3 colleagues."),
    ],
)
def test_who_claims_a_company_reads_who_else_of_it_is_theirs(
    world: World, count: int, also: str | None, said: str
) -> None:
    world.hire("ada")
    for number in range(count):
        title = ("CFO", "VP Operations", "Engineer", "Intern")[number]
        name = {"first_name": f"P{number}", "last_name": "King"}
        world.sign_up(email=f"p{number}@large.example", title=title, seats=50, **name)
    sign_in(world, "ada")
    before = world.client.get("/").text
    taken = pressed(world, "/claim", once=field(before, "once"))
    shown = world.client.get(taken.headers["location"]).text
    before, after = words(before), words(unescape(shown))
    assert said in after
    assert "Yours <time" in after
    if also is None:
        assert "Also" not in before + after
    else:
        assert f"Also waiting: {also}." in before
        assert f"Also yours: {also}." in after
