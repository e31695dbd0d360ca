"""`giveget policy check`: the proof, and what an author should read before publishing."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.fail import fail
from service.cli.policy_file import AsJson, PolicyFile, load, own_emails
from service.cli.policy_notes import MENDS, from_store, power

if TYPE_CHECKING:
    from offers.policy import Policy
    from offers.prove import Property

_KNOW_AFTER_DAYS = 180


def register(app: typer.Typer) -> None:
    """Add the command to `giveget policy`."""
    app.command()(check)


def check(
    file: PolicyFile,
    as_json: AsJson = False,
    accounts_per_day: Annotated[
        float, typer.Option(min=0.001, help="Eligible accounts a day, where no store tells.")
    ] = 100,
    base_rate: Annotated[
        float, typer.Option(min=0.0001, max=0.6, help="Share that converts without an offer.")
    ] = 0.02,
    know_by: Annotated[
        str | None, typer.Option(help="The day to know by, as 2027-06-01; else in 180 days.")
    ] = None,
    db: Annotated[
        str | None,
        typer.Option("--db", help="A store's URL: lints from live trials, rates from controls."),
    ] = None,
) -> None:
    """Prove a policy for every situation, or show one where it fails; exit code 1 when refuted.

    For each rule: what shows its gets, who hands its gives over, what it must change to pay for
    itself, and the chance to know by a day whether it does.
    """
    from offers.overlaps import behind_each
    from offers.prove import prove
    from service.cli.policy_outlines import Assumed, rule_outlines, said
    from service.use_cases.policies.active import mail_missing

    policy = load(file)
    today = datetime.now(UTC).date()
    assumed = Assumed(
        accounts_per_day=accounts_per_day,
        base_rate=base_rate,
        today=today,
        know_by=_know_by(know_by, today),
    )
    live = None if db is None else from_store(db, policy)
    properties = prove(policy)
    refuted = [found for found in properties if found.verdict == "refuted"]
    outlines = rule_outlines(policy, assumed, live)
    if as_json:
        answer = {"properties": [found.to_json() for found in properties], "rules": outlines}
        typer.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        raise typer.Exit(1 if refuted else 0)
    count = f"{len(policy.rules)} rules, {len(properties)} properties"
    typer.echo(f"{file.name}: {count}, {len(refuted)} refuted (version {policy.version})")
    _print_refuted(refuted)
    missing = mail_missing(policy, own_emails())
    if missing:
        typer.echo(f"`giveget serve` would refuse it: {missing}")
    for told in outlines:
        typer.echo("\n".join(said(told)))
    for wins, behind in behind_each(policy).items():
        others = "" if len(behind) == 1 else f"{len(behind)} others: "
        typer.echo(f"overlap: {wins} comes before {others}{', '.join(behind)}")
    for note in policy.notes if live is None else live.lints["notes"]:
        typer.echo(f"note: {note}")
    if policy.margin_percent is None:
        typer.echo(
            "note: without [value] margin_percent the whole price counts as margin: rules need "
            "at least the rise shown"
        )
    if live is not None:
        typer.echo(f"notes rest on {live.lints['trials']} live trials of {live.lints['days']} days")
    _print_power(policy, base_rate, accounts_per_day)
    raise typer.Exit(1 if refuted else 0)


def _know_by(text: str | None, today: date) -> date:
    if text is None:
        return today + timedelta(days=_KNOW_AFTER_DAYS)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        fail(f"--know-by {text} is no day: write it as 2027-06-01")
    if day <= today:
        fail(f"--know-by {text} is no day to come")
    return day


def _print_refuted(refuted: list[Property]) -> None:
    for found in refuted:
        shown = json.dumps(found.counterexample, ensure_ascii=False)
        typer.echo(f"REFUTED {found.name} of {found.rule}: {MENDS[found.name]}")
        typer.echo(f"        such as {shown}")


def _print_power(policy: Policy, base: float, per_day: float) -> None:
    from offers.holdout import planned_accounts, small_reading
    from scoring.experiments.readings import LEAST_IN_AN_ARM

    planned = planned_accounts(policy)
    if planned is not None:
        typer.echo(
            f"readings: {policy.readings.count} over {planned:,} accounts; publishing fixes them, "
            "and a verdict on the effect falls on these only"
        )
    small = small_reading(policy, LEAST_IN_AN_ARM)
    if small is not None:
        fewer = f", [readings] count = {small.count}" if small.count else ""
        typer.echo(
            f"note: the first reading, of {small.accounts:,} accounts, can decide nothing: its "
            f"smaller group would have about {small.fewest:.0f} at a holdout of {small.share:.0%}, "
            f"each needs {LEAST_IN_AN_ARM}; set [readings] planned = {small.planned}{fewer}, or a "
            "larger [guardrails] holdout"
        )
    shown = power(policy, base, per_day)
    if not shown:
        typer.echo("note: no holdout: what the offers really earn cannot be measured")
    for row in shown:
        typer.echo(
            f"holdout {row['holdout']:.0%}: at {per_day:g} accounts a day and {base:.1%} "
            f"converting, {base:.1%} → {1.5 * base:.1%} shows after {row['days']} days; "
            f"after 90 days the smallest rise that shows is {row['smallest_rise']:.1%} "
            "(80% power)"
        )
