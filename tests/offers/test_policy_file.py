"""The policy file: what loads, and every mistake named at once with line and column."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from offers.decide import decide
from offers.policy import PolicyError, default_policy, load_policy, parse_policy
from offers.prove import prove
from offers.terms import GETS, GIVES
from service.cli import app
from tests.support.policies import CASES, NOW, RULE, a_policy, a_situation, policy_text


def problems_of(text: str) -> list[tuple[int, int, str]]:
    with pytest.raises(PolicyError) as caught:
        parse_policy(text)
    return [tuple(problem) for problem in caught.value.problems]


def test_a_policy_loads_as_written() -> None:
    policy = load_policy(CASES / "policies" / "two_rules.toml")
    assert [rule.id for rule in policy.rules] == ["three-more-months", "currency-fell"]
    assert policy.plan == "business"
    assert len(policy.version) == 12


def test_the_default_policy_shows_every_kind_of_term_with_a_why() -> None:
    policy = default_policy()
    assert {give.kind for rule in policy.rules for give in rule.gives} == set(GIVES)
    assert {get.kind for rule in policy.rules for get in rule.gets} == set(GETS)
    assert all(len(rule.why) > 20 for rule in policy.rules)
    assert policy.notes == ()


@pytest.mark.parametrize("zone", ["Pacific/Pago_Pago", "Pacific/Kiritimati"])
def test_days_far_away_are_proved_and_decided_with_in_every_zone(zone: str) -> None:
    far = RULE.replace('pay_by = "month_end"', "pay_by = 9989-12-31")
    policy = a_policy(far + "from = 1000-01-01\nuntil = 9989-12-31\n")
    assert "refuted" not in {found.verdict for found in prove(policy)}
    offer = decide(a_situation(timezone=zone), policy, NOW).offer
    assert offer is not None
    assert offer.rule == "three-more-months"


@pytest.mark.parametrize(("most", "notes"), [(0, 0), (1, 0), (2, 1)])
def test_a_limit_that_would_allow_two_open_offers_says_that_there_are_never_two(
    most: int, notes: int
) -> None:
    found = a_policy(guardrails=f"open_offers_per_account = {most}").notes
    assert len(found) == notes
    assert all(note.startswith(f"open_offers_per_account = {most}: ") for note in found)


def test_mailed_rules_of_the_default_policy_wait_for_a_trial_day_or_a_signal() -> None:
    signals = {"trial_day", "trial_days_left", "lifecycle_stage", "active_users"}
    for rule in default_policy().rules:
        if rule.email is not None:
            assert rule.facts & signals, rule.id
            assert "rep_contacted" in rule.facts, rule.id
            assert rule.facts & {"lane", "campaign_code"}, rule.id  # or the person asks for it


BROKEN = """[policy]
id = "x"
currency = "USD"
[price_book.business]
list = 2480
floor = 1600
[guardrails]
max_percent_of = 30
holdout = 10
[[rule]]
id = "a"
why = "b"
when = 'lane == "offer" and seats >= 10 and grade in ("A9",)'
give = { percent_off = 135 }
[[rule]]
id = "a"
why = "b"
when = \"\"\"
lane == "ofer"
   and x\"\"\"
get = { term_month = 12, extra_months = 2 }
give = { extra_months = 3, service = "onb" }
valid_days = 3
"""


def test_every_mistake_is_named_at_once_with_line_and_column() -> None:
    found = problems_of(BROKEN)
    expected = [
        (8, 1, "did you mean `max_percent_off`?"),
        (9, 11, "did you mean 0.1?"),
        (10, 1, "no end"),
        (13, 29, "did you mean `seats_requested`?"),
        (13, 55, "not among"),
        (14, 1, "a give without a get"),
        (14, 24, "percent_off 135 is outside 1–100"),
        (16, 6, "a second rule"),
        (19, 9, "did you mean `offer`?"),
        (20, 8, "unknown fact `x`"),
        (21, 9, "did you mean `term_months`?"),
        (21, 26, "it is a give"),
        (22, 28, "add [cost.service] onb"),
    ]
    assert [(line, column) for line, column, _ in found] == [
        (line, column) for line, column, _ in expected
    ]
    for (_, _, message), (_, _, words) in zip(found, expected, strict=True):
        assert words in message


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('id = "three-more-months"', "", "no `id`"),
        ('why = "Time costs little."', 'why = ""', "`why` must be text"),
        ("give = { extra_months = 3 }", "give = {}", "no give"),
        ("give = { extra_months = 3 }", "give = 3", "must be a table"),
        ("extra_months = 3", "extra_months = 2.5", "must be a whole number"),
        ("extra_months = 3", "extra_months = true", "must be a whole number"),
        ("extra_months = 3", 'bundle = "x"', "must be a table"),
        ("extra_months = 3", 'bundle = { partner = "x" }', "needs `percent`"),
        ("extra_months = 3", "payment_days = 30", "[cost.payment_days]"),
        ("extra_months = 3", "gift_card = 30", "unknown give `gift_card`"),
        ('pay_by = "month_end"', 'pay_by = "soon"', "pay_by soon must be"),
        ('pay_by = "month_end"', "talk_to_rep = false", "must be true"),
        (', pay_by = "month_end"', "", "no end"),
        ("[[rule]]", "[rule]", "two brackets"),
        ("[[rule]]", "[[rule]]\nfrom = 2026-02-01\nuntil = 2026-01-01", "is before `from`"),
        ("[[rule]]", "[[rule]]\nfrom = 12", "must be a date"),
        ("[[rule]]", "[[rule]]\nuntil = 9999-12-31", "leave it out where there is no such day"),
        ("[[rule]]", '[[rule]]\nfrom = "0001-01-01"', "`from` 0001-01-01 is beyond the days"),
        ('pay_by = "month_end"', "pay_by = 9999-12-31", "`pay_by` 9999-12-31 is beyond the days"),
        ('pay_by = "month_end"', "pay_by = { by = 9995-01-01 }", "1000-01-01 to 9989-12-31"),
        ("[guardrails]", "[guardrails]\naudience_share = nan", "NaN must be a number from 0 to 1"),
        ("[guardrails]", "[guardrails]\naudience_share = inf", "must be a number from 0 to 1"),
        ("[[rule]]", "[[rules]]", "did you mean `rule`?"),
        ("[guardrails]", "[guardrails]\nmax_percent_off = 101", "outside 0–100"),
        ("[guardrails]", "[guardrails", "no valid TOML"),
        ('currency = "USD"', 'currency = "dollars"', "must be a code"),
        ('currency = "USD"', 'currency = "USD"\ntimezone = "Mars/Base"', "is no zone"),
        ('currency = "USD"', 'currency = "USD"\nplan = "busines"', "did you mean `business`?"),
        ("floor = 1600", "floor = 2481", "is above `list`"),
        ("floor = 1600", "", "no `floor`"),
        ("list = 2480", "list = 24.8", "must be a whole number"),
        ("[guardrails]", '[countries]\nas_of = 2026-01-01\nrefused = ["UK"]', "refused_why"),
        ("[guardrails]", "[approval]\nreps = 3\n[guardrails]", "unknown key `reps`"),
    ],
)
def test_a_mistake_names_itself_and_what_to_do(old: str, new: str, says: str) -> None:
    text = policy_text()
    assert text.count(old) == 1
    found = problems_of(text.replace(old, new))
    assert any(says in message for _, _, message in found), found
    assert all(line >= 1 and column >= 1 for line, column, _ in found)


def test_a_file_that_is_not_utf8_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(PolicyError, match="not UTF-8"):
        load_policy(path)


def test_check_prints_the_mistakes_and_exits_2(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text(BROKEN)
    result = CliRunner().invoke(app, ["policy", "check", str(path)])
    assert result.exit_code == 2
    assert "p.toml: line 13, column 29: unknown fact `seats`" in result.stderr
    missing = CliRunner().invoke(app, ["policy", "check", str(tmp_path / "none.toml")])
    assert missing.exit_code == 2


def test_facts_lists_every_fact_with_its_range() -> None:
    rows = json.loads(CliRunner().invoke(app, ["policy", "facts", "--json"]).stdout)
    assert {"name": "month", "type": "whole", "range": "1–12"}.items() <= {
        key: value for row in rows if row["name"] == "month" for key, value in row.items()
    }.items()
    assert "seats_requested" in CliRunner().invoke(app, ["policy", "facts"]).stdout


def test_explain_prints_offer_verdicts_and_guardrails(tmp_path: Path) -> None:
    policy, situation = tmp_path / "p.toml", tmp_path / "s.json"
    policy.write_text(policy_text(RULE))
    situation.write_text(json.dumps(a_situation(now="2026-12-10T12:00:00Z")))
    run = ["policy", "explain", str(policy), "--situation", str(situation)]
    answer = json.loads(CliRunner().invoke(app, [*run, "--json"]).stdout)
    assert set(answer) == {"offer", "verdicts", "guardrails"}
    assert answer["offer"]["ends_at"] == "2026-12-31T23:59:59Z"
    assert set(answer["verdicts"][0]) == {"rule", "matched", "because"}
    assert set(answer["guardrails"][0]) == {"rule", "name", "held", "limit", "actual"}
    assert "three extra months for 100 or more seats" in CliRunner().invoke(app, run).stdout


@pytest.mark.parametrize("text", ["[]", "{", '{"seats": 3}', '{"grade": "Z9"}', '{"now": "x"}'])
def test_a_situation_that_makes_no_sense_exits_2(tmp_path: Path, text: str) -> None:
    policy, situation = tmp_path / "p.toml", tmp_path / "s.json"
    policy.write_text(policy_text(RULE))
    situation.write_text(text)
    run = ["policy", "explain", str(policy), "--situation", str(situation)]
    assert CliRunner().invoke(app, run).exit_code == 2
