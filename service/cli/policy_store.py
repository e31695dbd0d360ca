"""`giveget policy publish|history|restore`: which version works, since when, by whom and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from service.cli.fail import fail
from service.cli.policy_file import AsJson, PolicyFile, load, own_emails

if TYPE_CHECKING:
    import sqlalchemy as sa

    from offers.policy import Policy
    from service.store.offers.policies import Publication

T = TypeVar("T")
Db = Annotated[str | None, typer.Option("--db", help="The store's URL.")]
By = Annotated[
    str,
    typer.Option(
        "--by",
        help="Who publishes: the mail address of a manager or an admin, not the policy's author.",
    ),
]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept with the publication.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `giveget policy`."""
    app.command()(publish)
    app.command()(history)
    app.command()(restore)


def publish(
    file: PolicyFile,
    by: By,
    reason: Reason,
    author: Annotated[
        str | None,
        typer.Option(
            help="Who wrote it, by mail address or name, when the store does not know the text yet."
        ),
    ] = None,
    db: Db = None,
) -> None:
    """Put a policy to work in every running service; one that is refuted is refused."""
    from service.store.offers import policies
    from service.use_cases.policies import versions
    from service.use_cases.policies.active import mail_missing
    from service.use_cases.policies.publishers import publisher, written_by

    policy = load(file)
    missing = mail_missing(policy, own_emails())
    if missing is not None:
        fail(missing)

    def work(connection: sa.Connection, now: datetime) -> None:
        publisher(connection, by)
        if policies.find(connection, policy.version) is None:
            if author is None:
                fail("the store does not know this text: say who wrote it with --author")
            versions.add(connection, policy, author=written_by(connection, author), now=now)

    in_store(db, work)
    _publish(db, policy, by=by, reason=reason)


def restore(
    version: Annotated[str, typer.Argument(help="A version that was published before.")],
    by: By,
    reason: Reason,
    db: Db = None,
) -> None:
    """Publish an older version again, as a publication of its own."""
    from offers.policy import parse_policy
    from service.store.offers import policies
    from service.use_cases.policies import versions

    def look(connection: sa.Connection, now: datetime) -> str:
        if all(past.version != version for past in policies.history(connection)):
            fail(f"version {version} was never published: see giveget policy history")
        return versions.find(connection, version).text

    _publish(db, parse_policy(in_store(db, look), version), by=by, reason=reason)


def history(
    show: Annotated[str | None, typer.Option(help="Print the text of this version.")] = None,
    as_json: AsJson = False,
    db: Db = None,
) -> None:
    """Say who published which version when and why, newest first."""
    import json

    from service.store.offers import policies
    from service.store.ops.users import everyone
    from service.use_cases.policies import versions

    if show is not None:
        version = show
        text = in_store(db, lambda connection, now: versions.find(connection, version).text)
        typer.echo(text, nl=False)
        return

    def look(connection: sa.Connection, now: datetime) -> tuple[list[Publication], dict[str, str]]:
        named = {person.id: f"{person.login} ({person.name})" for person in everyone(connection)}
        return policies.history(connection), named

    found, named = in_store(db, look)
    if as_json:
        lines = [versions.publication_json(each) for each in found]
        typer.echo(json.dumps(lines, indent=2, ensure_ascii=False))
        return
    for each in found:
        typer.echo(_line(each, named))
    if not found:
        typer.echo("nothing is published: the policy that ships with Giveget works")


def in_store(db: str | None, work: Callable[[sa.Connection, datetime], T]) -> T:
    """What `work` gives, durable; a mistake is one sentence and exit code 2."""
    from service.clock import SystemClock
    from service.db import Store
    from service.errors import ConfigurationError, Refusal
    from service.settings import read_settings

    try:
        store = Store(read_settings(db=db).db)
    except (ConfigurationError, Refusal) as error:
        fail(str(error))
    try:
        return store.write_now(lambda connection: work(connection, SystemClock().now()))
    except Refusal as error:
        fail(error.detail)
    finally:
        store.close()


def _publish(db: str | None, policy: Policy, *, by: str, reason: str) -> None:
    from service.use_cases.policies import versions
    from service.use_cases.policies.active import prove_once
    from service.use_cases.policies.publishers import publisher

    if not reason.strip():
        fail("a publication needs a reason: say it with --reason")
    proof = prove_once(policy)

    def work(connection: sa.Connection, now: datetime) -> tuple[Publication, str]:
        who = publisher(connection, by)
        done = versions.publish(
            connection, policy.version, proof, by=who.id, reason=reason, now=now
        )
        return done, who.says

    done, who = in_store(db, work)
    typer.echo(_line(done, {done.by: who}))


def _line(done: Publication, named: Mapping[str, str]) -> str:
    again = " (restored)" if done.is_restored else ""
    by = named.get(done.by, done.by)
    return f"{done.number}  {done.version}{again}  {done.at:%Y-%m-%d %H:%M}Z  {by}: {done.reason}"
