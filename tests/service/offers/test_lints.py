"""Lints from live trials: facts nobody knows, rules for nobody and for nearly everybody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from typer.testing import CliRunner

from offers.policy import parse_policy
from service.cli import app
from tests.support.service import World
from tests.support.service_offers import POLICY

HEAD = POLICY[: POLICY.index("[[rule]]")]
RULE = """
[[rule]]
id = "{id}"
why = "To see who it is for."
when = '{when}'
get = {{ seats = 10, term_months = 12 }}
give = {{ extra_months = 1 }}
valid_days = 14
"""
TEXT = HEAD + "".join(
    RULE.format(id=name, when=when)
    for name, when in (
        ("unknown", "credit_limit_minor >= 10"),
        ("nobody", "seats_requested >= 5000"),
        ("everybody", "trial_day >= 1"),
        ("narrow", "seats_requested >= 50"),
    )
)
SAID = [
    'rule "unknown": credit_limit_minor is unknown for 100%',
    'rule "unknown" matched nobody',
    'rule "nobody" matched nobody',
    'rule "everybody" matches nearly everybody (100%)',
]


def some_trials(world: World) -> None:
    for seats in (5, 60, 9, 20):
        world.sign_up(seats=seats)


def test_a_policy_is_listed_and_kept_with_what_live_trials_say_of_it(world: World) -> None:
    some_trials(world)
    world.runtime.policy = parse_policy(POLICY)

    kept = world.post("manager", "/v1/policies", {"text": TEXT}).json()
    assert kept["lints"] == {"trials": 4, "days": 30, "notes": SAID}
    listed = world.get("manager", f"/v1/policies?version={kept['id']}").json()
    assert listed["lints"]["notes"] == SAID
    serving = world.get("manager", "/v1/policies").json()["lints"]
    assert serving["notes"] == ['rule "three-more-months" matched nobody']

    world.wait(days=31)
    assert world.get("manager", "/v1/policies").json()["lints"]["trials"] == 0


def test_the_command_line_lints_a_file_by_a_stores_live_trials(
    world: World, tmp_path: Path
) -> None:
    world.clock.advance(datetime.now(UTC) - world.clock.now() - timedelta(days=1))
    some_trials(world)
    file = tmp_path / "p.toml"
    file.write_text(TEXT)

    ran = CliRunner().invoke(app, ["policy", "check", str(file), "--db", world.settings.db])

    for line in SAID:
        assert f"note: {line}" in ran.stdout
    assert "notes rest on 4 live trials of 30 days" in ran.stdout
    lines = ran.stdout.splitlines()
    nobody = lines[lines.index("nobody:") :]
    assert (
        "  of 4 live trials: fits nobody; nearest: 4 leads, which lack only this: "
        "seats asked for: at least 5,000"
    ) in nobody
    assert "  chance to know: none while the rule fits nobody" in nobody
    assert "  of 4 live trials: fits 1" in ran.stdout


def test_without_live_trials_the_rules_say_so(world: World, tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    file.write_text(TEXT)

    ran = CliRunner().invoke(app, ["policy", "check", str(file), "--db", world.settings.db])

    assert ran.stdout.count("fits nobody: there are no live trials") == 4
    assert "%" not in "".join(line for line in ran.stdout.splitlines() if "chance to know" in line)
