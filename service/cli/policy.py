"""`giveget policy …`: check a policy file, list its facts, explain one decision."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.cli import policy_check, policy_data, policy_money, policy_store
from service.cli.fail import fail
from service.cli.policy_file import AsJson, PolicyFile, load

if TYPE_CHECKING:
    from offers.decide import Decision

app = typer.Typer(help="Policy files: check, explain, compare.", no_args_is_help=True)

policy_check.register(app)
policy_data.register(app)
policy_store.register(app)
policy_money.register(app)


@app.command()
def facts(as_json: AsJson = False) -> None:
    """List every fact a rule may look at: name, type, range, caption."""
    from offers.situation import FACTS

    if as_json:
        rows = [
            {
                "name": fact.name,
                "type": fact.type,
                "range": fact.range,
                "caption": fact.caption,
                "decides_offers": fact.decides_offers,
                "unknown": fact.unknown,
            }
            for fact in FACTS.values()
        ]
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    width = max(len(name) for name in FACTS)
    for fact in FACTS.values():
        shown = "" if fact.decides_offers else " (shown only: a browser can write it)"
        typer.echo(f"{fact.name:{width}}  {fact.type:6}  {fact.caption}{shown}  [{fact.range}]")
        typer.echo(f"{'':{width}}  {'':6}  unknown: {fact.unknown}")


@app.command()
def explain(
    file: PolicyFile,
    situation: Annotated[Path, typer.Option(help="The lead's facts, a JSON object.")],
    now: Annotated[
        str | None, typer.Option(help="The moment, RFC 3339 with offset; else the clock's.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what one lead would be offered, and why each rule does or does not apply."""
    from offers.decide import decide

    policy = load(file)
    known = read_situation(situation)
    moment = read_moment(now or known.pop("now", None))
    known.pop("now", None)
    check_facts(known, situation)
    decision = decide(known, policy, moment)
    if as_json:
        answer = decision.to_json()
        shown = {key: answer[key] for key in ("offer", "verdicts", "guardrails")}
        typer.echo(json.dumps(shown, indent=2, ensure_ascii=False))
    else:
        _print(decision)


def read_situation(file: Path) -> dict[str, Any]:
    """The facts of a JSON file; `now` among them is the moment, not a fact."""
    try:
        read = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        fail(f"cannot read {file}: {error.strerror or error}")
    except ValueError as error:
        fail(f"{file} is no JSON: {error}")
    if not isinstance(read, dict):
        fail(f'{file} must hold one JSON object, as {{"lane": "offer"}}')
    return read


def check_facts(known: dict[str, Any], file: Path) -> None:
    """Refuse names that are no facts and values that are none of theirs."""
    from offers.situation import check_situation

    problems = check_situation(known)
    if problems:
        fail(f"{file.name}: " + "; ".join(problem.message for problem in problems))


def read_moment(text: object) -> datetime:
    """A moment with its offset; the clock's without a text."""
    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        fail(f"{text} is no time: write it as 2026-12-10T12:00:00Z")
    if moment.tzinfo is None:
        fail(f"{text} has no offset: add Z or +01:00")
    return moment


def _print(decision: Decision) -> None:
    from offers.conditions.explain import in_words as reason_in_words
    from offers.money import in_major_units
    from offers.reasons import in_words

    offer = decision.offer or decision.withheld
    if offer is None:
        typer.echo("no offer")
    else:
        held_out = " (held out: would be offered)" if decision.offer is None else ""
        typer.echo(f"{offer.rule}{held_out}: {offer.sentence}")
        typer.echo(f"  because {offer.why}")
        if offer.quote is not None:
            price, renewal = (
                in_major_units(minor, offer.quote.currency)
                for minor in (offer.quote.net_minor, offer.quote.renewal_minor)
            )
            typer.echo(f"  {offer.quote.currency} {price}, renewal {renewal}")
        typer.echo(f"  ends {offer.ends_at.isoformat()} ({offer.timezone})")
    for verdict in decision.verdicts:
        typer.echo(f"{'+' if verdict.matched else '-'} {verdict.rule}")
        for reason in verdict.because:
            typer.echo(f"    {reason_in_words(reason)}")
        for result in decision.guardrails:
            if result.rule == verdict.rule and not result.held:
                typer.echo(f"    refused by {in_words(result)}")
    for near in decision.near_misses:
        typer.echo(f"~ {near.sentence}")
