"""`giveget import leads|events|touches|outcomes|subscriptions FILE`: other tools' exports.

What cannot be read goes into a rejects file with its line and the reason; mended, that file is
imported like any other. Every import has an id, and `giveget import undo ID` takes it back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.fail import fail, refusals
from service.cli.file_options import Dates, Decimals, asked_of
from service.cli.opened import opened
from service.cli.places import TABLE, as_given, local_file
from service.cli.policy_file import AsJson, print_json
from service.cli.private_files import private_files

if TYPE_CHECKING:
    from scoring.files.reading import Asked
    from service.importers.forms import Forms
    from service.importers.read_beside import Other
    from service.importers.reading import Reading
    from service.importers.vocabulary import Kind
    from service.runtime import Runtime

app = typer.Typer(no_args_is_help=True, help="Files of leads or facts: in, and back out.")
_Db = Annotated[str | None, typer.Option("--db", help="The store's URL.")]
_File = Annotated[
    Path,
    typer.Argument(
        parser=as_given,
        metavar="FILE",
        help=f"CSV (also .gz, .zip) or Excel with a header, Parquet; {TABLE}.",
    ),
]
_Map = Annotated[
    str | None,
    typer.Option("--map", help="A TOML map, or hubspot, salesforce, stripe; else it is guessed."),
]
_Yes = Annotated[bool, typer.Option("--yes", help="Import by the guessed map.")]
_DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say all the import would; store nothing.")
]
_Rejects = Annotated[Path | None, typer.Option(help="Where refused rows go; else beside FILE.")]
_Encoding = Annotated[str, typer.Option(help="The file's encoding.")]
_Erased = Annotated[
    str | None,
    typer.Option(help="`take`: also people who were erased and signed up anew. Else refused."),
]
_SHOWN = 10


def _command(kind: Kind) -> Callable[..., None]:
    def take(
        file: _File,
        column_map: _Map = None,
        yes: _Yes = False,
        dry_run: _DryRun = False,
        rejects: _Rejects = None,
        decimal: Decimals = None,
        dates: Dates = None,
        encoding: _Encoding = "utf-8-sig",
        erased: _Erased = None,
        db: _Db = None,
    ) -> None:
        if erased not in (None, "take"):
            fail("--erased knows one word: take")
        from service.importers.read_beside import other_process

        asked = asked_of(decimal, dates)
        with (
            refusals(),
            private_files(),
            local_file(file, "FILE") as path,
            _bar(path.name) as seen,
            other_process(path) as other,
        ):
            out = rejects or _rejects_of(str(file), path)
            reading, taken = _take(
                kind,
                path,
                column_map,
                out,
                encoding,
                asked,
                yes=yes,
                dry_run=dry_run,
                takes_erased=erased == "take",
                db=db,
                seen=seen,
                other=other,
            )
        for line in reading.first:
            typer.echo(line, err=True)
        if reading.rejected:
            rows = "row" if reading.rejected == 1 else "rows"
            why = f"{reading.rejected:,} {rows} refused, with the reasons in {out}"
            typer.echo(why, err=True)
        typer.echo(taken)

    take.__annotations__ = {  # typer reads these here, where the names above are known
        "file": _File,
        "column_map": _Map,
        "yes": _Yes,
        "dry_run": _DryRun,
        "rejects": _Rejects,
        "decimal": Decimals,
        "dates": Dates,
        "encoding": _Encoding,
        "erased": _Erased,
        "db": _Db,
        "return": None,
    }
    return take


app.command("leads", help="Import leads; columns without a field become attributes.")(
    _command("leads")
)
app.command("events", help="Import what people did.")(_command("events"))
app.command("touches", help="Import calls, mails and meetings with people.")(_command("touches"))
app.command("outcomes", help="Import how trials ended; redeems no offer.")(_command("outcomes"))
app.command("subscriptions", help="Import what customers hold; redeems no offer.")(
    _command("subscriptions")
)


@app.command("list")
def listed(as_json: AsJson = False, db: _Db = None) -> None:
    """The newest imports."""
    from dataclasses import asdict

    from service.store.leads import imports

    with opened(db) as runtime:
        newest = runtime.store.read_now(lambda connection: imports.newest(connection, 50))
    if as_json:
        print_json([asdict(each) | {"at": each.at.isoformat()} for each in newest])
        return
    for found in newest:
        typer.echo(
            f"{found.id}  {found.at:%Y-%m-%d %H:%M}  {found.kind:<8}  {found.state:<7}  "
            f"{found.taken:>7,} taken  {found.rejected:>5,} refused  {found.file}"
        )


@app.command()
def undo(
    import_id: Annotated[str, typer.Argument(metavar="ID", help="As the import said it.")],
    db: _Db = None,
) -> None:
    """Take an import back; leads of which something else was told since stay as they are."""
    from service.domain.actor import OPERATOR
    from service.use_cases.intake import importing
    from service.use_cases.tx import transact_now

    with opened(db) as runtime:
        done = transact_now(runtime, lambda tx: importing.undo(tx, import_id), actor=OPERATOR)
        runtime.store.scrub()  # nothing of them stays in the store's files either
    waiting = f"; {done.facts:,} waiting facts taken out" if done.facts else ""
    typer.echo(f"{done.put_back:,} leads are as they were{waiting}")
    if done.kept:
        named = ", ".join(done.kept[:_SHOWN]) + (" …" if len(done.kept) > _SHOWN else "")
        typer.echo(f"{len(done.kept):,} leads stay: something else was told of {named} since")
    if done.again:
        others = "1 other lead" if done.again == 1 else f"{done.again:,} other leads"
        typer.echo(f"{others} came below the cut-off since the import; the worker decides again")
    typer.echo("Figures count without the import at once, today's cut-off within seconds.")


def _rejects_of(given: str, path: Path) -> Path:
    """Where refused rows go: beside a file or a folder; those of a table into this folder."""
    name = path.name.removesuffix(".gz") + ".rejects.csv"
    from service.warehouse.places import is_url

    return Path(name) if is_url(given) else path.with_name(name)


@private_files()
def _take(
    kind: Kind,
    file: Path,
    named: str | None,
    out: Path,
    encoding: str,
    asked: Asked,
    *,
    yes: bool,
    dry_run: bool,
    takes_erased: bool,
    db: str | None,
    seen: Callable[[float], None],
    other: Other | None,
) -> tuple[Reading, str]:
    """Show the map and import by it; the reading, and what to say of it."""
    from scoring.dataset.headings import objections_of
    from scoring.errors import DataError
    from scoring.files.csv_lenient import csv_lines
    from service.cli.run_import import run_import
    from service.importers.forms import forms_of
    from service.importers.mapping import as_toml, guess, read_map
    from service.importers.reading import Reading
    from service.importers.rows import missing_fields
    from service.importers.vocabulary import names_somebody

    notes: list[str] = []
    try:
        header, lines = csv_lines(file, encoding)
        mapping = guess(kind, header) if named is None else read_map(named, kind, header)
        typer.echo(f"# {file.name}: {'guessed from its columns' if named is None else named}")
        typer.echo(as_toml(mapping))
        if not any(names_somebody(ours) for ours in mapping.fields.values()):
            fail(
                "no column names the lead: save the map above as a file, name it there, "
                '[fields] "COLUMN" = "id" (or "email", or "external_ids.user" for an id of your '
                "product's), and give the file with --map"
            )
        for ours in missing_fields(kind, mapping):
            fail(
                f"no column says the {ours}: save the map above as a file, name it there, "
                f'[fields] "COLUMN" = "{ours}", or, where it is the same in every row, '
                f'[constants] {ours} = "…"; and give the file with --map'
            )
        forms = forms_of(file.name, mapping, header, lines, asked)
        header, every = csv_lines(file, encoding, seen, notes)
    except (DataError, OSError) as error:
        fail(str(error))
    reading = Reading(
        kind=kind,
        mapping=mapping,
        header=header,
        forms=forms,
        encoding=encoding,
        out=out,
        other=other,
    )
    for line in _said_of(forms):
        typer.echo(f"# {line}")
    for column, ours in mapping.fields.items():
        if ours.startswith("do_not_") and len(objections_of(column)) > 1:
            typer.echo(f"# {column}: neither mail nor calls")
    timed = {*mapping.fields.values(), *mapping.constants}
    if kind == "leads" and "signed_up_at" not in timed:
        typer.echo(
            "# no column says when they signed up: a new lead counts as signed up when imported"
        )
    if named is None and not (yes or dry_run):
        return reading, "nothing imported yet: save this as a file for --map, or add --yes"
    try:
        with _store(db, is_dry=dry_run) as runtime:
            notes += _other_model(runtime)
            done = run_import(
                runtime, file.name, reading, every, takes_erased=takes_erased, is_dry=dry_run
            )
    except DataError as error:
        fail(str(error) if dry_run else f"{error}; rows before that are in: giveget import list")
    except OSError as error:
        fail(f"cannot write {out}: {error.strerror}")
    finally:
        reading.close()
        for note in notes:
            typer.echo(note, err=True)
    for (field, how), rows in done.told.most_common():
        typer.echo(f"{field} of {rows:,} rows {how}", err=True)
    if kind == "leads" and done.taken:
        changed = done.taken - done.made
        typer.echo(f"{done.made:,} of them new, {changed:,} there already", err=True)
    said = f"{done.taken:,} rows can be" if dry_run else f"{done.taken:,} {kind}"
    said += " imported"
    said += f", {done.known:,} known already" if done.known else ""
    if dry_run:
        return reading, f"{said}; none was"
    return reading, f"{said}; to take them back: giveget import undo {done.id}"


@contextmanager
def _store(db: str | None, *, is_dry: bool) -> Iterator[Runtime]:
    """The store that is imported into; for a dry run an empty one where there is none yet."""
    from tempfile import TemporaryDirectory

    if not is_dry or _is_there(db):
        with opened(db, makes=not is_dry) as runtime:
            yield runtime
        return
    with TemporaryDirectory() as folder, opened(f"sqlite:///{folder}/dry.db", makes=True) as made:
        yield made


def _is_there(db: str | None) -> bool:
    """Whether a store is there; one on a server counts as there."""
    from service.db.engines import read_url
    from service.errors import ConfigurationError
    from service.settings import read_settings

    try:
        url = read_url(read_settings(db=db).db)
    except ConfigurationError as error:
        fail(str(error))
    return url.get_backend_name() != "sqlite" or Path(url.database or "").is_file()


def _other_model(runtime: Runtime) -> list[str]:
    """That the leads there were scored by another model than this command has."""
    from service.store.leads import leads

    last, ours = runtime.store.read_now(leads.newest_scoring_model), runtime.model.name
    if last is None or last == ours:
        return []
    return [
        f"scored with the model {ours}, while the leads here were scored with {last} last: set "
        "GIVEGET_MODEL as the service has it; its worker scores anew whom it looks at"
    ]


def _said_of(forms: Forms) -> list[str]:
    """How the columns of times and numbers are read, and what to look at."""
    readings = [reading.sentence(column) for column, reading in forms.readings.items()]
    return [*readings, *forms.hints]


@contextmanager
def _bar(name: str) -> Iterator[Callable[[float], None]]:
    """A progress bar on stderr; nothing where nobody watches."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(name, total=1.0)
        yield lambda share: bar.update(task, completed=share)
