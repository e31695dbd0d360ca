"""`giveget mail preview`: what a mail looks like, in any language, with an example's numbers."""

from __future__ import annotations

import tempfile
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from service.cli.fail import fail

app = typer.Typer(no_args_is_help=True, help="The mails that go out.")


@app.callback()
def mail() -> None:
    """The mails that go out."""


@app.command()
def preview(
    name: Annotated[str, typer.Argument(help="The mail: a folder's name, such as extra-months.")],
    locale: Annotated[str, typer.Option(help="The reader's locale, such as pt-BR.")] = "en",
    out: Annotated[
        Path | None, typer.Option(help="Write it there: .html, .eml or .txt by the file's end.")
    ] = None,
    is_opened: Annotated[
        bool, typer.Option("--open", help="Open the HTML in the browser.")
    ] = False,
) -> None:
    """Show a mail as its reader would get it, and what is wrong with it (exit code 1)."""
    from service.errors import ConfigurationError
    from service.mail.lint import complaints
    from service.mail.locales import locale_of
    from service.mail.render import email_names
    from service.mail.samples import sample
    from service.settings import read_settings

    if name not in email_names():
        fail(f'there is no mail "{name}"; there are {", ".join(sorted(email_names()))}')
    if locale_of(locale).name.partition("-")[0] != locale.partition("-")[0].partition("_")[0]:
        typer.echo(f'no words for "{locale}": shown in English', err=True)
    try:
        settings = read_settings()
    except ConfigurationError as error:
        fail(str(error))
    made = sample(
        name,
        locale,
        mail_from=settings.mail_from,
        public_url=settings.public_url,
        postal_address=settings.mail_postal_address,
    )
    if is_opened and out is None:
        out = Path(tempfile.gettempdir()) / f"giveget-{name}.{made.tongue.name}.html"
    if out is None:
        headers = dict(made.message.headers)
        typer.echo(f"From: {headers['From']}\nSubject: {made.letter.subject}\n")
        typer.echo(made.letter.text)
    else:
        _write(out, made.letter.html, made.letter.text, made.message.raw)
        typer.echo(f"written to {out}")
    if is_opened and out is not None and not webbrowser.open(out.resolve().as_uri()):
        typer.echo(f"there is no browser here: open {out.resolve()} yourself", err=True)
    found = complaints(made.letter, made.context, made.tongue)
    for said in found:
        typer.echo(said, err=True)
    if found:
        raise typer.Exit(1)


def _write(out: Path, html: str, text: str, raw: bytes) -> None:
    by_end = {".html": html.encode(), ".txt": text.encode(), ".eml": raw}
    content = by_end.get(out.suffix.lower())
    if content is None:
        fail(f"{out.name} must end in .html, .eml or .txt")
    try:
        out.write_bytes(content)
    except OSError as error:
        fail(f"cannot write {out}: {error.strerror}")
