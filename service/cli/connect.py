"""`giveget connect …`: what would be changed in a connected tool, and changing it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.fail import fail
from service.cli.opened import opened
from service.cli.policy_file import AsJson, print_json

if TYPE_CHECKING:
    pass

app = typer.Typer(
    no_args_is_help=True, help="HubSpot, Salesforce, Stripe: what is set up, and how."
)
hubspot = typer.Typer(no_args_is_help=True, help="The properties that are written to contacts.")
stripe = typer.Typer(no_args_is_help=True, help="What an accepted offer comes to.")
salesforce = typer.Typer(no_args_is_help=True, help="The fields and permissions that are needed.")
app.add_typer(hubspot, name="hubspot")
app.add_typer(salesforce, name="salesforce")
app.add_typer(stripe, name="stripe")
_Db = Annotated[str | None, typer.Option("--db", help="The store's URL.")]


@hubspot.command("plan")
def hubspot_plan(as_json: AsJson = False) -> None:
    """Print the properties that would be made or changed; changes nothing."""
    _set_up(is_applied=False, as_json=as_json)


@hubspot.command("apply")
def hubspot_apply() -> None:
    """Make the properties and mend those that differ."""
    _set_up(is_applied=True)


@salesforce.callback()
def of_salesforce() -> None:
    """The fields and permissions that are needed."""


@salesforce.command("plan")
def salesforce_plan(as_json: AsJson = False) -> None:
    """Print what an admin must still make or allow; changes nothing. Exit 1 where anything is."""
    import asyncio

    from service.errors import ConfigurationError
    from service.integrations.http import ToolError
    from service.integrations.salesforce_client import Salesforce
    from service.integrations.salesforce_setup import lacks
    from service.settings import read_settings

    try:
        settings = read_settings()
    except ConfigurationError as error:
        fail(str(error))
    if not settings.has_salesforce:
        fail(
            "Salesforce is not connected: set GIVEGET_SALESFORCE_URL, GIVEGET_SALESFORCE_CLIENT_ID "
            "and GIVEGET_SALESFORCE_CLIENT_SECRET"
        )
    try:
        found = asyncio.run(lacks(Salesforce(settings), settings))
    except ToolError as error:
        fail(
            f"Salesforce: {error}; is the address your My Domain, and does the app run as a user "
            "by the client credentials flow?"
        )
    if as_json:
        print_json({"lacks": found})
    for each in () if as_json else found:
        typer.echo(each)
    if found:
        raise typer.Exit(1)
    if not as_json:
        typer.echo("Salesforce has every field, and lets us read and write it")


@stripe.command("plan")
def stripe_plan(
    offer: Annotated[str, typer.Argument(help="The offer's id or code.")],
    as_json: AsJson = False,
    db: _Db = None,
) -> None:
    """Print the calls that accepting an offer makes, and those of its gives once it is paid."""
    from offers.order_check import grants_of
    from service.jobs.stripe_calls import checkout_calls, grant_calls
    from service.store.offers import offers
    from service.use_cases.offers.gives import BY_STRIPE
    from service.use_cases.offers.lifecycle import offer_of
    from service.use_cases.tx import Tx

    with opened(db) as runtime:
        stored = runtime.store.read_now(lambda connection: offers.find(connection, offer))
        if stored is None:
            fail("there is no such offer")
        calls = runtime.store.read_now(
            lambda connection: checkout_calls(Tx(connection, runtime, runtime.clock.now()), stored)
        )
    if not calls and not as_json:
        typer.echo("the offer has no price: nothing is sold at a checkout")
    example = {"id": "{subscription}", "current_period_start": 0, "current_period_end": 0}
    items = [{"price": {"id": "{price}"}, "quantity": 0}]
    by_hand: list[dict[str, str]] = []
    for grant in grants_of(offer_of(stored).terms):
        if grant.give in BY_STRIPE:
            calls += grant_calls(grant.give, grant.value, f"{offer}-{grant.give}", example, items)
        else:
            by_hand.append({"give": grant.give, "task": grant.recipe})
    if as_json:
        each = [{"path": call.path, "key": call.key, "form": dict(call.form)} for call in calls]
        print_json({"calls": each, "by_hand": by_hand})
        return
    for task in by_hand:
        typer.echo(f"# {task['give']}: a task for a person: {task['task']}")
    for call in calls:
        typer.echo(f"POST {call.path}  # Idempotency-Key: {call.key}")
        for name, value in call.form.items():
            typer.echo(f"    {name}={value}")


@app.command()
def status(as_json: AsJson = False, db: _Db = None) -> None:
    """How many deliveries wait, were made or failed, by tool."""
    from service.store.ops import jobs

    with opened(db) as runtime:
        counted = sorted(runtime.store.read_now(jobs.waiting))
    if as_json:
        names = ("tool", "state", "count")
        print_json([dict(zip(names, each, strict=True)) for each in counted])
        return
    for tool, state, count in counted:
        typer.echo(f"{tool:<8}  {state:<8}  {count:>7,}")


@app.command()
def retry(
    tool: Annotated[str, typer.Argument(help="Such as webhook, whose deliveries failed.")],
    db: _Db = None,
) -> None:
    """Make what failed due again; a webhook's target that said it was gone is told again too."""
    from service.domain.actor import OPERATOR
    from service.use_cases.access.retrying import retry_failed
    from service.use_cases.tx import transact_now

    with opened(db) as runtime:
        count = transact_now(runtime, lambda tx: retry_failed(tx, tool), actor=OPERATOR)
    typer.echo(f"{count:,} {'delivery is' if count == 1 else 'deliveries are'} due again")


def _set_up(*, is_applied: bool, as_json: bool = False) -> None:
    import asyncio

    from service.errors import ConfigurationError
    from service.integrations import hubspot_setup
    from service.integrations.http import ToolError
    from service.integrations.hubspot_client import HubSpot
    from service.settings import read_settings

    try:
        settings = read_settings()
    except ConfigurationError as error:
        fail(str(error))
    if settings.hubspot_token is None:
        fail("HubSpot is not connected: set GIVEGET_HUBSPOT_TOKEN")
    work = hubspot_setup.apply if is_applied else hubspot_setup.plan
    client = HubSpot(settings)

    async def look() -> tuple[list[str], list[hubspot_setup.Step]]:
        lacks = await client.lacking_scopes()
        return lacks, [] if lacks else await work(client)

    try:
        lacks, steps = asyncio.run(look())
    except ToolError as error:
        fail(f"HubSpot: {error}; is the token right, with crm.schemas.contacts.write?")
    if lacks:
        fail(f"HubSpot: the private app lacks the scopes {', '.join(lacks)}; add them there first")
    if as_json:
        named = [
            {"property": each.name, "is_new": each.is_new, "says": str(each)} for each in steps
        ]
        print_json({"steps": named})
        return
    for step in steps:
        typer.echo(f"{'done: ' if is_applied else ''}{step}")
    if not steps:
        typer.echo("HubSpot has every property as it should be")
