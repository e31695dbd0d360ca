"""`giveget effect read`: what anybody's own randomised data show."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.fail import fail, refusals
from service.cli.file_options import Dates, Decimals, Negative, Positive, Undecided, asked_of
from service.cli.model import Encoding, read_file
from service.cli.places import as_given, local_files
from service.cli.policy_file import AsJson

if TYPE_CHECKING:
    from datetime import date

    from scoring.experiments.answer import Answer
    from scoring.experiments.differences import Difference
    from scoring.experiments.effect import Effect
    from scoring.experiments.readings import Plan, Reading

app = typer.Typer(help="What a randomised treatment changed.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """What a randomised treatment changed."""


@app.command()
@local_files("file")
def read(
    file: Annotated[
        Path,
        typer.Argument(
            parser=as_given,
            metavar="FILE",
            help="CSV, Excel or Parquet, one row an account or a person.",
        ),
    ],
    arm: Annotated[str, typer.Option(help="Column of the arm, as assigned.")],
    outcome: Annotated[str, typer.Option(help="Column that says who converted: yes or no.")],
    control: Annotated[str, typer.Option(help="The controls' value of the arm.")] = "control",
    money: Annotated[str | None, typer.Option(help="Column of what each brought.")] = None,
    share: Annotated[
        str | None,
        typer.Option(help="The planned share of controls: a number, or a column of them."),
    ] = None,
    account: Annotated[
        str | None, typer.Option(help="Column of the account; its rows hang together.")
    ] = None,
    at: Annotated[
        str | None, typer.Option(help="Column of the time of assignment; else the file's order.")
    ] = None,
    score: Annotated[
        str | None, typer.Option(help="Column of a score known at the assignment.")
    ] = None,
    dose: Annotated[
        str | None, typer.Option(help="Column of the size given; needs --value.")
    ] = None,
    value: Annotated[
        float | None, typer.Option(help="What a conversion brings, in the unit of the dose.")
    ] = None,
    readings: Annotated[int | None, typer.Option(help="Readings planned; needs --planned.")] = None,
    planned: Annotated[
        int | None, typer.Option(help="Accounts planned, over which the readings are spread.")
    ] = None,
    positive: Positive = None,
    negative: Negative = None,
    undecided: Undecided = None,
    decimal: Decimals = None,
    dates: Dates = None,
    encoding: Encoding = "utf-8-sig",
    as_json: AsJson = False,
) -> None:
    """Say what the treatment changed against the controls, with its interval and a verdict."""
    from scoring.experiments.answer import answered
    from scoring.experiments.assignment import NotRandom
    from scoring.experiments.from_file import Columns, read_randomised

    plan = _plan(readings, planned)
    if (dose is None) != (value is None):
        fail("--dose and --value belong together: a size's worth is its rate × (value − dose)")
    columns = Columns(
        arm=arm,
        outcome=outcome,
        control=control,
        money=money,
        share=share,
        account=account,
        at=at,
        score=score,
        dose=dose,
        positive=tuple(positive or ()),
        negative=tuple(negative or ()),
        undecided=tuple(undecided or ()),
        asked=asked_of(decimal, dates),
    )
    with refusals():
        try:
            found = read_randomised(read_file(file, encoding), columns)
        except NotRandom as error:
            fail(str(error))
    answer = answered(found, plan=plan, value=value)
    for note in found.notes:
        typer.echo(note, err=True)
    if as_json:
        typer.echo(json.dumps(answer.to_json(), indent=2, ensure_ascii=False))
        return
    for line in _in_words(answer):
        typer.echo(line)


def _plan(readings: int | None, planned: int | None) -> Plan | None:
    from scoring.experiments.readings import Plan

    if readings is None and planned is None:
        return None
    if readings is None or planned is None:
        fail("--readings and --planned belong together: readings are spread over planned accounts")
    try:
        return Plan(readings=readings, planned=planned)
    except ValueError as error:
        fail(str(error))


def _in_words(answer: Answer) -> Iterator[str]:
    (control, n), *_ = answer.arms.items()
    for name, effect in answer.effects.items():
        for arm, converted, rows in (
            (name, effect.treated_converted, effect.treated),
            (control, effect.controls_converted, n),
        ):
            yield f"{arm}: {converted:,} of {rows:,} converted ({converted / rows:.1%})"
        yield f"conversion: {_difference(effect.conversion, 100)} points, over all rows"
        yield f"verdict: {_verdict(effect)}"
        if effect.money is not None:
            yield f"money: {_difference(effect.money, 1)} a row"
        yield from (_reading(each, answer.day_of(each.accounts)) for each in effect.readings)
    if answer.doses is None:
        return
    for each in answer.doses:
        yield (
            f"dose {each.dose:g}: {each.rate:.1%} of {each.n:,} ({each.low:.1%} to "
            f"{each.high:.1%}), net {each.net:,.4g} ± {each.net_se:.2g}"
        )
    if answer.best_dose is not None:
        yield f"best dose: {answer.best_dose.dose:g}"


def _verdict(effect: Effect) -> str:
    told = effect.verdict + (f", {effect.why}" if effect.why else "")
    if effect.verdict != "undecided" or not any(each.reached for each in effect.readings):
        return told
    return f"{told}: only a reading decides, and its limits are wider than those of all rows"


def _difference(found: Difference, scale: float) -> str:
    if found.value is None:
        return found.why
    limits = (
        f"({found.why})"
        if found.low is None or found.high is None
        else f"({scale * found.low:+,.2f} to {scale * found.high:+,.2f})"
    )
    return f"{scale * found.value:+,.2f} {limits}"


def _reading(each: Reading, day: date | None) -> str:
    from scoring.experiments.readings import too_few_in_words

    told = f"reading at {each.accounts:,} accounts"
    if not each.reached:
        pace = "" if day is None else f", about {day:%-d %B %Y} at the pace so far"
        return f"{told}: to come{pace}"
    told += ": " if day is None else f", {day:%-d %B %Y}: "
    if each.low is None or each.high is None:
        return told + too_few_in_words(each)
    crossed = "crossed" if each.crossed else "not crossed"
    return told + f"{100 * each.low:+.2f} to {100 * each.high:+.2f} points, {crossed}"
