"""Every page of a customer in the five languages: its links keep the signed link and the choice."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa

from service.db.tables.leads import leads
from service.mail.locales import locale_of, tongue_names
from tests.service.mail.test_consents import asked
from tests.service.offers.test_customer_page import text_of
from tests.service.offers.test_public_pages import an_offer_page, path_of
from tests.support.service import World

NAMES = {"de": "Deutsch", "en": "English", "es": "Español", "fr": "Français", "pt": "Português"}


def paths_of(world: World) -> dict[str, str]:
    """A page of each kind, for one lead who was made an offer."""
    offer = an_offer_page(world, locale="en-GB", country="GB")
    (row,) = world.rows(sa.select(leads.c.id, leads.c.ref, leads.c.account))
    consent = asked(world, lead_id=row.id, purpose="letter", wording="Yes, send it.")["consent"]
    links = world.runtime.links
    return {
        "offer": offer,
        "leave": path_of(links.unsubscribe(row.ref)),
        "code": path_of(links.code(row.ref, world.clock.now())),
        "consent": path_of(links.consent(consent)),
        "report": path_of(links.report(row.ref)),
        "order": path_of(links.report_order(row.ref, row.account, world.clock.now())),
        "broken": "/o/nothing",
    }


def links_of(html: str) -> dict[str, str]:
    found = re.findall(r'<a href="([^"]+)" lang="[^"]+" hreflang="[^"]+">([^<]+)</a>', html)
    return {name: unescape(href) for href, name in found}


def test_each_page_links_to_itself_in_each_other_language(make_world: Any) -> None:
    world = make_world(usage_report=True)
    for kind, path in paths_of(world).items():
        page = world.client.get(path)
        assert page.status_code == (404 if kind == "broken" else 200), (kind, page.text)
        others = links_of(page.text)
        assert set(others) == set(NAMES.values()) - {"English"}, kind
        for code, name in NAMES.items():
            if code == "en":
                continue
            there = world.client.get(others[name])
            assert there.status_code == page.status_code, kind
            assert f'<html lang="{locale_of(code).name}">' in there.text, kind
            assert text_of(there.text) != text_of(page.text)
            back = world.client.get(links_of(there.text)["English"])
            assert text_of(back.text) == text_of(page.text), kind


def test_a_choice_is_kept_by_every_form_of_an_offer(world: World) -> None:
    offer = an_offer_page(world, locale="en")
    page = world.client.get(f"{offer}?lang=de&seats=120").text
    assert "120 Lizenzen" in page
    assert links_of(page)["Français"] == f"{offer}?lang=fr&seats=120"
    assert '<input type="hidden" name="lang" value="de">' in page
    for step in ("accept", "question", "decline"):
        assert f'"{offer}/{step}?lang=de"' in page
    asking = world.client.post(f"{offer}/question?lang=de", data={"text": "Wann?"})
    assert "Ihre Frage ist angekommen. Unser Team meldet sich bei Ihnen." in asking.text
    assert links_of(asking.text)["English"] == f"{offer}?lang=en"
    taken = world.client.post(f"{offer}/accept?lang=de", data={"seats": "120"})
    assert "Sie haben dieses Angebot angenommen." in taken.text


def test_looking_in_a_language_keeps_nothing(world: World) -> None:
    offer = an_offer_page(world, locale="en")
    assert '<html lang="de">' in world.client.get(f"{offer}?lang=de").text
    assert '<html lang="en">' in world.client.get(offer).text


@pytest.mark.parametrize(
    ("step", "form"),
    [
        ("accept", {"seats": "120"}),
        ("question", {"text": "Wann?"}),
        ("decline", {"reason": "price"}),
    ],
)
def test_what_somebody_acts_in_is_their_language_from_then_on(
    world: World, step: str, form: dict[str, str]
) -> None:
    offer = an_offer_page(world, locale="en")
    assert world.client.post(f"{offer}/{step}?lang=de", data=form).status_code == 200
    assert '<html lang="de">' in world.client.get(offer).text
    if step == "accept":
        world.work()
        (mail,) = world.captured()
        assert "Angebot 1 angenommen" in mail["subject"]
    lead = world.rows(sa.select(leads.c.id))[0].id
    world.wait(days=1)
    world.sign_up(id=lead, locale="fr")
    assert '<html lang="fr">' in world.client.get(offer).text


def test_what_was_refused_changes_no_language(world: World) -> None:
    offer = an_offer_page(world, locale="en")
    assert world.client.post(f"{offer}/accept?lang=de", data={"seats": "1"}).status_code == 422
    assert '<html lang="en">' in world.client.get(offer).text


def test_a_browser_says_the_language_only_where_none_is_known(world: World) -> None:
    german = {"accept-language": "de-AT,de;q=0.9"}
    offer = an_offer_page(world, locale="fr")
    assert '<html lang="fr">' in world.client.get(offer, headers=german).text
    (known,) = world.rows(sa.select(leads.c.id))
    other = world.sign_up(email="ann@other-firm.example", locale=None)["lead_id"]
    assert other != known.id
    ref = world.rows(sa.select(leads.c.ref).where(leads.c.id == other))[0].ref
    leave = path_of(world.runtime.links.unsubscribe(ref))
    assert '<html lang="de">' in world.client.get(leave, headers=german).text
    assert '<html lang="en">' in world.client.get(leave).text


def test_who_named_no_language_acts_in_their_browsers(world: World) -> None:
    german = {"accept-language": "de-AT,de;q=0.9"}
    offer = an_offer_page(world, locale=None)
    page = world.client.post(f"{offer}/question", data={"text": "Wann?"}, headers=german)
    assert '<html lang="de">' in page.text
    assert '<html lang="de">' in world.client.get(offer).text
    world.client.post(f"{offer}/question", data={"text": "Und?"}, headers={"accept-language": "fr"})
    assert '<html lang="de">' in world.client.get(offer).text


def test_another_word_for_a_language_changes_nothing(world: World) -> None:
    offer = an_offer_page(world, locale="fr")
    usual = text_of(world.client.get(offer).text)
    for asked_for in ("", "xx", "de-CH", "../de"):
        assert text_of(world.client.get(f"{offer}?lang={asked_for}").text) == usual


def test_there_is_a_name_for_each_catalogue() -> None:
    assert {name.partition("-")[0] for name in tongue_names()} == set(NAMES)


@pytest.mark.parametrize(
    ("locale", "zone", "said"),
    [
        ("en-US", "America/Chicago", "{day}, 4:00 AM, Chicago time"),
        ("de", "Europe/Berlin", "{day}, 11:00 Uhr, Ortszeit Berlin"),
        ("fr", "Europe/Paris", "{day} à 11:00, heure locale à Paris"),
        ("es", "America/Mexico_City", "{day}, 3:00, hora de Ciudad de México"),
        ("pt-BR", "America/Sao_Paulo", "{day}, 06:00, horário de São Paulo"),
        ("en", "UTC", "{day}, 09:00 (UTC)"),
        ("en", "Etc/UTC", "{day}, 09:00 (UTC)"),
    ],
)
def test_a_moment_is_said_by_the_clocks_of_a_place_in_summer_too(
    locale: str, zone: str, said: str
) -> None:
    tongue, july = locale_of(locale), datetime(2026, 7, 1, 9, tzinfo=UTC)
    told = tongue.end(july, zone).replace("\u00a0", " ")
    assert told == said.format(day=tongue.day(july, zone))
