"""A file of the accounts a team aims at: account, and country, segment, rep, seats if known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from scoring.contact import company_domain, read_contact
from scoring.dataset.headings import known_fields, listed_columns
from scoring.errors import DataError
from scoring.files.export import Export
from scoring.files.numbers import is_placeholder
from scoring.files.reading import Asked, FileEvidence, evidence_of
from scoring.files.values import as_category, as_number, present
from service.domain.account_life import Target

_FIELDS = ("account", "country", "segment", "rep", "seats")
_COMPANY = "company:"
_LONGEST = 60


def target_columns(export: Export) -> dict[str, list[str]]:
    """The columns that fill each field by their headings, in any language the lists know.

    Of several the first that is filled counts. Raises DataError where none names the account.
    """
    found = listed_columns("targets", export.columns)
    known = {"website": "account", "country": "country", "seats": "seats"}
    for column, theirs in known_fields(export.columns, {}).items():
        if theirs in known and column not in found[known[theirs]]:
            found[known[theirs]].append(column)
    if not found["account"]:
        raise DataError(
            f'{export.path.name} has no column "account" and none of a website or domain; a file '
            "of targets has account (a mail domain, or company: and the CRM's id), and country, "
            "segment, rep, seats if known"
        )
    return {ours: found[ours] for ours in _FIELDS if found[ours]}


def read_targets(
    export: Export, columns: Mapping[str, Sequence[str]], asked: Asked
) -> tuple[list[Target], list[str]]:
    """The file's accounts, and the rows that name none, each with where it stands.

    `columns` are those of `target_columns`. An account is named as the sign-ups of its people name
    it: by the mail's domain. Raises DataError for a row that cannot be read otherwise, and where no
    row names an account.
    """
    evidence = evidence_of(export, (), asked)
    found: dict[str, Target] = {}
    unnamed: list[str] = []
    for row in range(export.rows):
        told = {name: list(_filled(export, row, of)) for name, of in columns.items()}
        texts = [text for _, text in told["account"]]
        account = next(filter(None, map(_named, texts)), None)
        if account is None:
            unnamed.append(export.where(row) + (f' "{texts[0][:_LONGEST]}"' if texts else ""))
            continue
        if account in found:
            raise DataError(
                f"{export.path.name}, {export.where(row)}: its account {account} stands there "
                "twice; leave one line of it"
            )
        first = {name: cells[0][1] for name, cells in told.items() if cells}
        found[account] = Target(
            account=account,
            country=_country(export, row, first.get("country")),
            segment=first.get("segment"),
            rep=first.get("rep"),
            seats=_seats(export, evidence, row, told.get("seats")),
        )
    if unnamed and not found:
        raise DataError(
            f"{export.path.name}, {unnamed[0]}: no account; name each by a company's mail domain "
            "(acme.com), or by company: and the CRM's id"
        )
    return list(found.values()), unnamed


def _filled(export: Export, row: int, columns: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The columns that are filled in a row, with their texts."""
    for column in columns:
        text = as_category(present(export.columns[column][row], ()))
        if text is not None:
            yield column, text


def _named(text: str) -> str | None:
    return text if text.startswith(_COMPANY) else company_domain(text)


def _country(export: Export, row: int, told: str | None) -> str | None:
    if told is None:
        return None
    country = read_contact(email=None, phone=None, title=None, country=told).country
    if country is None:
        raise DataError(
            f"{export.path.name}, {export.where(row)}: country is none that is known; write its "
            "code or its name"
        )
    return country


def _seats(
    export: Export, evidence: FileEvidence, row: int, cells: Sequence[tuple[str, str]] | None
) -> int | None:
    if not cells:
        return None
    column, text = cells[0]
    seats = as_number(text, evidence.decimal(column))
    if seats is None and is_placeholder(text):
        return None
    if seats is None or not seats.is_integer() or not 0 <= seats < 2**31:
        raise DataError(
            f"{export.path.name}, {export.where(row)}: seats is no whole number; write how many "
            "the account could need"
        )
    return int(seats)
