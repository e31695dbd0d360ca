"""A file of the accounts a team aims at: account, and country, segment, rep, seats if known."""

from __future__ import annotations

from scoring.contact import company_domain, read_contact
from scoring.dataset.headings import bare_heading
from scoring.errors import DataError
from scoring.files.export import Export
from scoring.files.reading import Asked, FileEvidence, evidence_of
from scoring.files.values import as_category, as_number, present
from service.domain.account_life import Target

_NAMES = ("account", "country", "segment", "rep", "seats")
_COMPANY = "company:"
_LONGEST = 60


def read_targets(export: Export, asked: Asked) -> tuple[list[Target], list[str]]:
    """The file's accounts, and the rows that name none, each with where it stands.

    An account is named as the sign-ups of its people name it: by the mail's domain. Raises
    DataError for a row that cannot be read otherwise, and where no row names an account.
    """
    columns = {bare_heading(name): name for name in export.columns}
    if "account" not in columns:
        raise DataError(
            f'{export.path.name} has no column "account"; a file of targets has account (a mail '
            "domain, or company: and the CRM's id), and country, segment, rep, seats if known"
        )
    evidence = evidence_of(export, (), asked)
    found: dict[str, Target] = {}
    unnamed: list[str] = []
    for row in range(export.rows):
        told = {
            name: as_category(present(export.columns[columns[name]][row], ()))
            for name in _NAMES[:-1]
            if name in columns
        }
        text = told.pop("account")
        account = _named(text)
        if account is None:
            unnamed.append(export.where(row) + (f' "{text[:_LONGEST]}"' if text else ""))
            continue
        if account in found:
            raise DataError(
                f"{export.path.name}, {export.where(row)}: its account {account} stands there twice"
            )
        found[account] = Target(
            account=account,
            country=_country(export, row, told.get("country")),
            segment=told.get("segment"),
            rep=told.get("rep"),
            seats=_seats(export, evidence, row, columns.get("seats")),
        )
    if unnamed and not found:
        raise DataError(
            f"{export.path.name}, {unnamed[0]}: no account; name each by a company's mail domain "
            "(acme.com), or by company: and the CRM's id"
        )
    return list(found.values()), unnamed


def _named(text: str | None) -> str | None:
    if text is None or text.startswith(_COMPANY):
        return text
    return company_domain(text)


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


def _seats(export: Export, evidence: FileEvidence, row: int, column: str | None) -> int | None:
    if column is None:
        return None
    value = present(export.columns[column][row], ())
    if value is None:
        return None
    seats = as_number(value, evidence.decimal(column))
    if seats is None or not seats.is_integer() or not 0 <= seats < 2**31:
        raise DataError(
            f"{export.path.name}, {export.where(row)}: seats is no whole number; write how many "
            "the account could need"
        )
    return int(seats)
