"""`giveget policy check` and `explain` as a policy's author runs them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from service.cli import app
from tests.support.policies import BOOKS, RULE, policy_text

SMALL = BOOKS + "[price_book.starter]\nlist = 1000\nfloor = 801\n"
DATED = RULE + "from = 2027-01-01\nuntil = 2027-03-31\n"
AGAIN = RULE.replace("three-more", "spring") + "from = 2027-04-01\nuntil = 2027-05-31\n"
SEEDED = {
    "floor": policy_text(RULE, books=SMALL),
    "max_percent_off": policy_text(RULE, guardrails="max_percent_off = 19"),
    "rep_contacted": policy_text(RULE.replace(" and not rep_contacted", "")),
    "live_days_per_year": policy_text(DATED + AGAIN, guardrails="live_days_per_year = 120"),
    "live_days_per_year_any": policy_text(
        RULE.replace("extra_months = 3", "percent_off = 15")
        + "from = 2027-01-01\nuntil = 2027-04-10\n"
        + RULE.replace("three-more", "spring")
        + "from = 2027-04-11\nuntil = 2027-07-19\n",
        guardrails="live_days_per_year = 120",
    ),
    "not_shadowed": policy_text(RULE + RULE.replace("three-more", "more").replace("60", "90")),
    "reachable": policy_text(RULE.replace("not rep_contacted", "seats_requested < 9")),
}


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["policy", *words])
    return result.exit_code, result.stdout


def refuted(path: Path) -> list[dict[str, Any]]:
    code, printed = run("check", str(path), "--json")
    answer = json.loads(printed)
    assert set(answer) == {"properties", "rules"}
    for each in answer["properties"]:
        assert set(each) == {"name", "rule", "verdict", "counterexample"}
        assert each["verdict"] in ("proved", "refuted")
        assert (each["counterexample"] is None) is (each["verdict"] == "proved")
    found = [each for each in answer["properties"] if each["verdict"] == "refuted"]
    assert code == (1 if found else 0)
    return found


@pytest.mark.parametrize("name", SEEDED)
def test_a_seeded_mistake_is_found_and_explain_confirms_it(name: str, tmp_path: Path) -> None:
    policy, situation = tmp_path / "p.toml", tmp_path / "s.json"
    policy.write_text(SEEDED[name])
    found = refuted(policy)
    assert {each["name"] for each in found} == {name}
    for each in found:
        if name == "reachable":
            assert each["counterexample"] == {
                "clauses": ["seats_requested >= 60", "seats_requested < 9"]
            }
            continue
        situation.write_text(json.dumps(each["counterexample"]))
        code, printed = run("explain", str(policy), "--situation", str(situation), "--json")
        assert code == 0
        answer = json.loads(printed)
        assert {"rule": each["rule"], "matched": True}.items() <= next(
            verdict for verdict in answer["verdicts"] if verdict["rule"] == each["rule"]
        ).items()
        if name == "not_shadowed":
            assert answer["offer"]["rule"] != each["rule"]
        else:
            held = [
                result["held"]
                for result in answer["guardrails"]
                if (result["rule"], result["name"]) == (each["rule"], name)
            ]
            assert held == [False]


def test_check_prints_for_people_too(tmp_path: Path) -> None:
    policy = tmp_path / "p.toml"
    policy.write_text(SEEDED["floor"])
    code, printed = run("check", str(policy))
    assert code == 1
    assert "REFUTED floor of three-more-months" in printed
    policy.write_text(policy_text(RULE + RULE.replace("three-more", "more").replace("60", "50")))
    code, printed = run("check", str(policy), "--base-rate", "0.02")
    assert code == 0
    assert "overlap: three-more-months comes before more-months" in printed
    assert "no holdout" in printed
    policy.write_text(policy_text(guardrails="holdout = 0.1"))
    printed = run("check", str(policy))[1]
    assert "2.0% → 3.0% shows after 179 days" in printed
    assert "2.0% → 3.0% shows after 76 days" in printed


def test_explain_names_refusals_and_near_misses_for_people(tmp_path: Path) -> None:
    policy, situation = tmp_path / "p.toml", tmp_path / "s.json"
    policy.write_text(policy_text(guardrails="open_offers_per_account = 1"))
    facts = {"lane": "offer", "rep_contacted": False, "seats_requested": 48}
    situation.write_text(json.dumps(facts))
    _, printed = run("explain", str(policy), "--situation", str(situation))
    assert "no offer" in printed
    assert "seats_requested 48, needs at least 60" in printed
    assert "~ 12 more seats would unlock three-more-months" in printed
    situation.write_text(json.dumps(facts | {"seats_requested": 60, "open_offers": 1}))
    _, printed = run("explain", str(policy), "--situation", str(situation))
    assert "refused by open_offers_per_account: 1 open for the account" in printed
    now = ("--now", "2026-12-10")
    assert run("explain", str(policy), "--situation", str(situation), *now)[0] == 2
