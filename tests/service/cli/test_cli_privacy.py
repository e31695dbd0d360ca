"""What people are told: an export in words, and the notice for the site."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from service.cli import app
from tests.support.service import World
from tests.support.service_offers import a_lead_due_an_offer


def export(world: World, who: str) -> dict[str, list[str]]:
    shown = CliRunner().invoke(app, ["person", "export", who, "--db", world.settings.db])
    assert shown.exit_code == 0, shown.output
    explained: dict[str, list[str]] = json.loads(shown.stdout)["leads"][0]["explained"]
    return explained


def test_an_export_says_each_score_and_each_refused_offer_in_words(world: World) -> None:
    a_lead_due_an_offer(world, id="L", seats=3)
    world.did("L", "project created", "pricing page viewed")
    kept = world.get("manager", "/v1/leads/L").json()
    said = export(world, "L")

    assert len(said["scores"]) == len(kept["score_history"]) >= 2
    newest = said["scores"][-1]
    assert f"{kept['score']['points']:.2f} points" in newest
    assert f"grade {kept['score']['grade']}" in newest
    for reason in kept["reasons"]:
        assert f"{reason['caption']}: {reason['value']} ({reason['points']:+.2f})" in newest
    refused = {line.split('"')[1]: line for line in said["refused_offers"]}
    assert {rule.id for rule in world.runtime.policy.rules} == refused.keys()
    assert any("seats" in line for line in refused.values())


def test_an_export_of_who_objects_says_that_there_is_no_score(world: World) -> None:
    world.sign_up(id="L", do_not_profile=True)
    said = export(world, "L")

    assert said["scores"] == []
    assert "object" in said["refused_offers"][0]


def test_the_notice_says_how_this_one_is_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIVEGET_KEEP_LEADS_DAYS", "400")
    monkeypatch.setenv("GIVEGET_KEEP_SCORES_DAYS", "0")
    monkeypatch.setenv("GIVEGET_MAIL_FROM", "Acme <privacy@acme.example>")
    monkeypatch.setenv("GIVEGET_HUBSPOT_SECRET", "a-long-secret")
    monkeypatch.setenv("GIVEGET_JOIN_ANONYMOUS", "never")

    said = CliRunner().invoke(app, ["privacy", "notice"])

    assert said.exit_code == 0, said.output
    assert "privacy@acme.example" in said.stdout
    assert "400 days" in said.stdout
    assert "past scores: without end" in said.stdout
    assert "HubSpot" in said.stdout
    assert "Stripe" not in said.stdout
    assert "never joined" in said.stdout
    assert "a-long-secret" not in said.stdout


def test_a_notice_of_a_wrong_set_up_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIVEGET_JOIN_ANONYMOUS", "sometimes")

    refused = CliRunner().invoke(app, ["privacy", "notice"])

    assert refused.exit_code == 2
    assert "join_anonymous" in refused.stderr
