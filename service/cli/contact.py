"""`giveget contact`: what one lead's contact data say, as a table or as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

SHOWN = (
    "mailbox",
    "domain",
    "phone_kind",
    "phone_country",
    "seniority",
    "department",
    "buying_role",
    "country",
)
"""The facts printed, in this order. The number itself is the caller's already."""


def contact(
    email: Annotated[str | None, typer.Option(help="The mail address.")] = None,
    phone: Annotated[str | None, typer.Option(help="The phone number, in any form.")] = None,
    title: Annotated[str | None, typer.Option(help="The job title: en, de, fr, es or pt.")] = None,
    country: Annotated[
        str | None,
        typer.Option(help="The country, by code or name; a national number is read with it."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Read a mail address, a phone number, a job title and a country."""
    from scoring.contact import read_contact

    read = asdict(read_contact(email=email, phone=phone, title=title, country=country))
    facts = {name: read[name] for name in SHOWN}
    if as_json:
        typer.echo(json.dumps(facts))
    else:
        _print_table(facts)


def _print_table(facts: dict[str, str | None]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("fact", "read as")
    for name, value in facts.items():
        table.add_row(name.replace("_", " "), value or "unknown")
    Console().print(table)
