"""`giveget mail`: what a mail looks like in any language, mails of one's own, and a test mail."""

from __future__ import annotations

import asyncio
import tempfile
import webbrowser
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.fail import fail
from service.cli.policy_file import AsJson, print_json

if TYPE_CHECKING:
    from service.mail.samples import Sample
    from service.settings import Settings

app = typer.Typer(no_args_is_help=True, help="The mails that go out.")
Name = Annotated[str, typer.Argument(help="The mail: a folder's name, such as extra-months.")]
Language = Annotated[str, typer.Option("--locale", help="The reader's locale, such as pt-BR.")]


@app.callback()
def mail() -> None:
    """The mails that go out."""


@app.command()
def preview(
    name: Name,
    locale: Language = "en",
    out: Annotated[
        Path | None, typer.Option(help="Write it there: .html, .eml or .txt by the file's end.")
    ] = None,
    is_opened: Annotated[
        bool, typer.Option("--open", help="Open the HTML in the browser.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show a mail as its reader would get it, and what is wrong with it (exit code 1)."""
    from service.mail.lint import complaints
    from service.mail.locales import locale_of

    settings = _settings(name)
    if locale_of(locale).name.partition("-")[0] != locale.partition("-")[0].partition("_")[0]:
        typer.echo(f'no words for "{locale}": shown in English', err=True)
    made = _sample(settings, name, locale)
    if is_opened and out is None:
        out = Path(tempfile.gettempdir()) / f"giveget-{name}.{made.tongue.name}.html"
    found = complaints(made.letter, made.context, made.tongue)
    if out is not None:
        _write(out, made.letter.html, made.letter.text, made.message.raw)
    headers = dict(made.message.headers)
    if as_json:
        shown = {"mail": name, "locale": made.tongue.name, "from": headers["From"]}
        words = {"subject": made.letter.subject, "text": made.letter.text, "html": made.letter.html}
        print_json(shown | words | {"faults": found})
    elif out is None:
        typer.echo(f"From: {headers['From']}\nSubject: {made.letter.subject}\n")
        typer.echo(made.letter.text)
    else:
        typer.echo(f"written to {out}")
    if is_opened and out is not None and not webbrowser.open(out.resolve().as_uri()):
        typer.echo(f"there is no browser here: open {out.resolve()} yourself", err=True)
    for said in () if as_json else found:
        typer.echo(said, err=True)
    if found:
        raise typer.Exit(1)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Its name: small letters, digits and dashes.")],
    like: Annotated[str, typer.Option(help="The shipped mail to begin from.")] = "extra-months",
) -> None:
    """Begin a mail of your own in the folder of GIVEGET_EMAILS, from the words of a shipped one."""
    from service.errors import ConfigurationError
    from service.mail.own_emails import begin

    folder = _settings().emails
    if folder is None:
        fail("say where your mails are: export GIVEGET_EMAILS=emails")
    try:
        path = begin(name, like, folder)
    except ConfigurationError as error:
        fail(str(error))
    typer.echo(f"{path}: change its words, then `giveget mail check {name}`")


@app.command()
def check(
    name: Annotated[
        str | None, typer.Argument(help="One mail; without it every one, yours and the shipped.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what is wrong with a mail in every language; exit code 1 when something is."""
    from service.mail.own_emails import faults
    from service.mail.render import email_names

    settings = _settings(name)
    names = sorted(email_names(settings.emails)) if name is None else [name]
    by_name = {each: faults(each, settings.emails) for each in names}
    found = [said for each in by_name.values() for said in each]
    if as_json:
        print_json([{"mail": each, "faults": said} for each, said in by_name.items()])
    for said in () if as_json else found:
        typer.echo(said)
    if found:
        raise typer.Exit(1)
    if not as_json:
        typer.echo(f"{len(names)} mails, nothing wrong")


@app.command()
def send(
    name: Name,
    to: Annotated[str, typer.Option("--to", help="Your own address.")],
    locale: Language = "en",
) -> None:
    """Send an example of a mail to yourself through the mail server of the settings."""
    from service.mail.transports import Smtp

    settings = _settings(name)
    if to.count("@") != 1 or any(mark.isspace() for mark in to):
        fail(f'"{to}" is no mail address')
    made = _sample(settings, name, locale, to=to)

    async def begin() -> bool:
        return True

    sent = asyncio.run(Smtp(settings).send(made.message, made.letter, None, begin))
    server = f"{settings.smtp_host}:{settings.smtp_port}"
    if sent.end != "sent":
        fail(f"{server} did not take it: {sent.reason}; `giveget doctor` looks at the server")
    typer.echo(f"{server} took it for {to}")


def _settings(name: str | None = None) -> Settings:
    """The settings, once the mail that is named is there."""
    from service.errors import ConfigurationError
    from service.mail.render import email_names
    from service.settings import read_settings

    try:
        settings = read_settings()
    except ConfigurationError as error:
        fail(str(error))
    known = email_names(settings.emails)
    if name is not None and name not in known:
        fail(f'there is no mail "{name}"; there are {", ".join(sorted(known))}')
    return settings


def _sample(settings: Settings, name: str, locale: str, *, to: str | None = None) -> Sample:
    """An example as it would be sent now; a mail that cannot be rendered says why, exit code 2."""
    from jinja2 import TemplateError

    from service.mail.brand import brand_of
    from service.mail.samples import sample

    try:
        return sample(
            name,
            locale,
            mail_from=settings.mail_from,
            public_url=settings.public_url,
            postal_address=settings.mail_postal_address,
            brand=brand_of(settings),
            folder=settings.emails,
            recipient=to or "beatrice@large.example",
            at=datetime.now(UTC),
        )
    except (OSError, LookupError, TypeError, ValueError, TemplateError) as error:
        fail(f"{name}: {error}; see `giveget mail check {name}`")


def _write(out: Path, html: str, text: str, raw: bytes) -> None:
    by_end = {".html": html.encode(), ".txt": text.encode(), ".eml": raw}
    content = by_end.get(out.suffix.lower())
    if content is None:
        fail(f"{out.name} must end in .html, .eml or .txt")
    try:
        out.write_bytes(content)
    except OSError as error:
        fail(f"cannot write {out}: {error.strerror}")
