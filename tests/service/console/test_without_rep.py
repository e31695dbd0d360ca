"""Team says what of leads' languages and countries nobody covers, and leads to its mending."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from service.console.words import unreached_said
from service.domain.lanes import UNREACHED
from service.domain.routing import Needs, RepDesk, uncovered
from tests.service.console.test_console import sign_in
from tests.support.service import World


def missing(world: World) -> dict[str, int]:
    rows = world.client.get("/without-rep.json").json()["without-rep"]
    return {row["missing"]: row["leads"] for row in rows}


def test_what_nobody_covers_is_counted_and_a_rep_for_it_mends_it(world: World) -> None:
    world.hire("ada", languages=["de"], countries=["DE"], capacity=50)
    world.hire("bob", languages=["en"], countries=["GB"], capacity=50)
    for locale, country in (("pl-PL", "PL"), ("pl-PL", "PL"), ("pl", "DE"), ("de", "GB")):
        world.sign_up(locale=locale, country=country)
    world.sign_up(locale="de-DE", country="DE")
    sign_in(world, "manager")

    assert missing(world) == {
        "Polish and Poland: no one rep covers them together": 2,
        "Polish: nobody covers it": 1,
        "German and United Kingdom: no one rep covers them together": 1,
    }
    team = html.unescape(world.client.get("/team").text)
    link = "/team?languages=pl&countries=PL&segments=#rep"
    assert f'href="{link}"' in team
    assert 'href="/leads?unreached=no_eligible_rep&country=PL&language=pl"' in team
    form = world.client.get(link).text
    assert re.search(r'name="languages"[^>]* value="pl"', form)
    assert re.search(r'name="countries"[^>]* value="PL"', form)
    assert '<details class="card block" id="rep" open>' in form

    world.hire("eve", languages=["pl"], capacity=50)
    assert set(missing(world)) == {
        "Somebody covers them by now and has room: given to them within a minute",
        "German and United Kingdom: no one rep covers them together",
    }


def test_the_leads_of_a_language_are_listed_by_it(world: World) -> None:
    world.hire("ada", languages=["de"], capacity=50)
    turkish = world.sign_up(locale="tr-TR", first_name="Elif")["lead_id"]
    world.sign_up(locale="ja-JP", first_name="Hana")
    world.work()
    sign_in(world, "manager")
    (path,) = re.findall(
        r'href="(/leads[?]unreached=[^"]*language=tr)"', html.unescape(team(world))
    )

    (row,) = world.client.get(path.replace("/leads", "/leads.json")).json()["leads"]

    assert (row["lead"], row["language"]) == (turkish, "tr")
    listed = world.client.get(path).text
    assert "Turkish" in listed
    assert "Hana" not in listed
    assert "Turkish, by their locale tr-TR" in world.client.get(f"/leads/{turkish}").text


def test_a_lead_that_waited_for_its_language_says_that_a_rep_has_it_now(world: World) -> None:
    world.hire("ada", languages=["de"], capacity=50)
    lead = world.sign_up(locale="tr-TR")["lead_id"]
    world.hire("eve", languages=["tr"], capacity=50)
    world.work()

    steps = world.get("manager", f"/v1/leads/{lead}").json()["timeline"]

    said = [step["detail"] for step in steps if step["what"] == "lane_rep"]
    assert said == ["a rep who covers the language and country has room now: to a rep"]


def test_where_every_lead_fits_no_cut_off_is_spoken_of(world: World) -> None:
    world.hire("ada", capacity=50)
    world.sign_up()
    sign_in(world, "manager")
    shown = " ".join(team(world).split())
    assert "none: every lead fits" in shown
    assert "Leads expected to bring less than this" not in shown
    assert "A route is where leads go, not who was spoken with: of the 1 for a rep 0" in shown


def test_a_missing_language_is_given_to_a_rep_who_is_there(world: World) -> None:
    world.hire("ada", languages=["de"], countries=["TR"], capacity=50)
    world.hire("bob", languages=["en"], capacity=50)
    world.sign_up(locale="tr-TR")
    sign_in(world, "manager")
    shown = html.unescape(world.client.get("/team?languages=tr&countries=&segments=").text)
    assert "Give them to a rep you have" in shown
    assert '<a href="/team?change=bob&languages=tr#rep">Bob</a>' in shown

    form = world.client.get("/team?change=ada&languages=tr").text

    assert re.search(r'name="languages"[^>]* value="de, tr"', form)
    assert re.search(r'name="countries"[^>]* value="TR"', form)
    assert "Give them to a rep you have" not in form


def team(world: World) -> str:
    return world.client.get("/team").text


def test_reps_who_are_full_or_away_are_said(world: World) -> None:
    world.hire("ada", capacity=1)
    world.sign_up()
    world.claim("ada")
    world.sign_up()
    sign_in(world, "manager")
    (full,) = missing(world)
    assert full.startswith("Covered, but those reps have had their leads of the day")
    world.hire("ada", capacity=1, available=False)
    assert list(missing(world)) == ["No rep is available"]


def test_the_queues_say_what_each_rep_covers(world: World) -> None:
    world.hire(
        "ada", languages=["pt", "en", "de", "fr", "tr"], countries=["BR", "PT", "AO", "MZ", "CV"]
    )
    world.hire("bob")
    lead = world.sign_up(country="DE")["lead_id"]
    world.hire("bob", available=False)
    world.touched(lead, "reply")  # waits in the pool
    sign_in(world, "manager")
    assert "Unassigned" in world.client.get("/team").text
    ada, bob, _ = world.client.get("/reps.json").json()["reps"]
    assert ada["languages"] == "Portuguese, English, German, French, Turkish"
    assert ada["countries"] == "Brazil, Portugal, Angola, Mozambique and 1 more"
    assert (bob["languages"], bob["countries"]) == ("all", "all")


def test_no_row_stands_for_a_reason_that_no_lead_has(world: World) -> None:
    world.hire("ada", countries=["DE"])
    world.sign_up(country="PT")
    world.work()
    world.hire("ada")
    world.work()
    sign_in(world, "manager")
    assert world.client.get("/unreached.json").json()["unreached"] == []
    assert "Every lead that a rep should call has one." in world.client.get("/team").text


def test_a_lead_without_a_rep_is_called_so_in_one_way(world: World) -> None:
    said = unreached_said("no_eligible_rep")
    assert UNREACHED["no_eligible_rep"].startswith(f"{said}: ")
    world.hire("ada", countries=["DE"])
    world.sign_up(country="PT")
    sign_in(world, "manager")
    for path in ("/", "/leads", "/team"):
        assert said in world.client.get(path).text


DESKS = (
    RepDesk(id="a", languages=("de",), countries=("DE",), capacity=1, available=True),
    RepDesk(id="b", languages=("pl",), capacity=1, available=False),
)


@pytest.mark.parametrize(
    ("needs", "lacks"),
    [
        (("de", "DE", None), ()),
        ((None, None, None), ()),
        (("pl", "DE", None), ("language",)),
        (("de", "PL", None), ("country",)),
        (("pl", "PL", None), ("language", "country")),
    ],
)
def test_what_no_available_rep_covers(needs: tuple[Any, ...], lacks: tuple[str, ...]) -> None:
    language, country, segment = needs
    told = Needs(language=language, country=country, segment=segment, account_rep=None)
    assert uncovered(told, DESKS) == lacks
    assert uncovered(told, ()) == ()
