"""`giveget policy effect|ledger`: what the offers changed, and every concession on one page."""

from __future__ import annotations

import csv
import json
import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.cli.fail import fail
from service.cli.policy_file import AsJson
from service.cli.policy_store import Db, in_store

if TYPE_CHECKING:
    import sqlalchemy as sa

    from offers.policy import Policy
    from service.use_cases.views.measured_effects import Measured


def register(app: typer.Typer) -> None:
    """Add both commands to `giveget policy`."""
    app.command()(effect)
    app.command()(ledger)


def effect(
    policy: Annotated[
        str | None, typer.Option(help="The policy's id; else the one assigned under last.")
    ] = None,
    rule: Annotated[str | None, typer.Option(help="Only accounts due this rule's offer.")] = None,
    days: Annotated[int, typer.Option(min=1, help="Days after the assignment that count.")] = 60,
    by: Annotated[
        str, typer.Option(help="What to compare: assignment; all else was not drawn by chance.")
    ] = "assignment",
    as_json: AsJson = False,
    db: Db = None,
) -> None:
    """Say what the offers changed against the accounts held out by chance, or "undecided"."""
    from scoring.experiments.assignment import NotRandom
    from service.cli.policy_effect import effect_in_words
    from service.settings import read_settings
    from service.use_cases.policies.active import live_policy
    from service.use_cases.views import earned, measured_effects

    if by != "assignment":
        why = measured_effects.NOT_RANDOM.get(by, "chance did not draw it")
        fail(f"--by {by} compares what is not alike: {why}; only --by assignment is random")

    def look(
        connection: sa.Connection, now: datetime
    ) -> tuple[Measured, Policy, list[earned.Earned]]:
        made = measured_effects.measured(connection, policy, days=days, now=now, rule=rule)
        live = live_policy(connection, read_settings(db=db))
        currency = made.currency or live.currency
        return made, live, earned.earned(connection, made.policy, currency, rule)

    made, live, money = in_store(db, look)
    try:
        found = measured_effects.estimate(made)
    except NotRandom as error:
        waits = f"; {made.young} accounts are younger than {days} days" if made.young else ""
        fail(f"{error}{waits}")
    if as_json:
        typer.echo(json.dumps(measured_effects.as_json(found, made, money), indent=2))
        return
    for line in effect_in_words(found, made, live, money):
        typer.echo(line)


def ledger(
    month: Annotated[str, typer.Option(help="The month of issue, as 2026-11, in UTC.")],
    file: Annotated[Path | None, typer.Option("--csv", help="Write a CSV file.")] = None,
    as_json: AsJson = False,
    db: Db = None,
) -> None:
    """List a month's concessions: list, net, who approved, what was reserved, settled, gained."""
    from service.use_cases.views import concessions

    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", month):
        fail(f"--month {month} is no month: write it as 2026-11")
    page = in_store(db, lambda connection, now: concessions.page(connection, month, now))
    if file is not None:
        _write(file, page.rows)
    if as_json:
        typer.echo(json.dumps({"concessions": page.rows, "broken_at": page.broken_at}, indent=2))
    else:
        for row in page.rows:
            money = f"{row['list_minor']} → {row['net_minor']} {row['currency']}"
            typer.echo(
                f"{row['number']}  {row['rule']}  {row['state']}  {money}  "
                f"a month {row['net_per_delivered_month_minor']}  approved {row['approved_by']}  "
                f"invoice {row['invoice']}  reserved {row['reserved_minor']}  "
                f"settled {row['settled_minor']}  effect {row['effect']}"
            )
        reserved = sum(row["reserved_minor"] for row in page.rows)
        settled = sum(row["settled_minor"] or 0 for row in page.rows)
        typer.echo(f"{len(page.rows)} concessions, reserved {reserved:,}, settled {settled:,}")
    if page.broken_at is not None:
        typer.echo(f"giveget: the ledger was changed at entry {page.broken_at}", err=True)
        raise typer.Exit(1)


def _write(file: Path, rows: list[dict[str, Any]]) -> None:
    from scoring.files.cells import safe_cell
    from service.use_cases.views.concessions import COLUMNS

    try:
        with file.open("w", encoding="utf-8", newline="") as opened:
            writer = csv.DictWriter(opened, COLUMNS)
            writer.writeheader()
            writer.writerows(
                {name: safe_cell(v) if isinstance(v, str) else v for name, v in row.items()}
                for row in rows
            )
    except OSError as error:
        fail(f"cannot write {file}: {error.strerror or error}")
