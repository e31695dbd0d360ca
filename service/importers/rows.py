"""One row of a file → the body a webhook would carry, or every reason why not."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.numbers import get_currency_precision

from scoring.contact.mailbox import first_address
from scoring.dataset.headings import objections_of
from scoring.errors import DataError
from scoring.files.cells import plain_cell
from scoring.files.csv_lenient import Line
from scoring.files.ids import is_cut_short
from scoring.files.numbers import PLAIN, is_of_currency, is_placeholder, sole_currency, unit_of
from scoring.files.times import names_no_moment, names_unknown_zone
from scoring.files.values import (
    FAILED,
    as_boolean,
    as_field,
    as_number,
    as_objection,
    as_time,
    present,
)
from service.domain.lead_record import time_text, to_text
from service.errors import BadInput
from service.importers.forms import COUNTS, TIMES, Forms
from service.importers.mapping import OURS, ColumnMap
from service.importers.vocabulary import OUTCOME_KINDS, TOUCH_KINDS, Kind
from service.schemas.fact_warnings import currencies
from service.schemas.facts import Event, Outcome, Touch
from service.schemas.parsing import parse_json, read_model
from service.schemas.signup import Signup
from service.schemas.signup_record import SignupFacts, facts_of
from service.schemas.subscriptions import INTERVALS, STATES, Subscription

Body = Signup | Event | Touch | Outcome | Subscription
MODELS: Mapping[Kind, type[Body]] = {
    "leads": Signup,
    "events": Event,
    "touches": Touch,
    "outcomes": Outcome,
    "subscriptions": Subscription,
}
_SHOWN = 15
"""Words that an error names of those that are read."""
_MEASURED = (*TIMES, *COUNTS, "amount")
_WORDS: Mapping[Kind, Mapping[str, Mapping[str, Any]]] = {
    "touches": {"kind": TOUCH_KINDS},
    "outcomes": {"kind": OUTCOME_KINDS},
    "subscriptions": {"status": STATES, "interval": INTERVALS},
}
_DESCRIBES = (
    *("phone", "first_name", "last_name", "title", "company", "website", "country", "region"),
    *("timezone", "locale", "plan", "campaign_code", "partner"),
)
_BOOLEANS = ("do_not_email", "do_not_call", "do_not_profile", "prepaid")
_OBJECTIONS = ("do_not_email", "do_not_call", "do_not_profile", "email_bounced")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row that can be taken; `email` names a fact's lead where nothing else does."""

    line: Line
    body: Body
    raw: bytes
    email: str | None
    facts: SignupFacts | None
    """Of a lead: its body's facts."""
    is_dead: bool = False
    """Of a lead: whether the file says that its mail address is dead."""


def missing_fields(kind: Kind, mapping: ColumnMap) -> list[str]:
    """The fields that every row of a kind needs and no column fills; a fact's own id is made."""
    filled = {*mapping.fields.values(), *mapping.constants}
    needed = (name for name, of in MODELS[kind].model_fields.items() if of.is_required())
    return [name for name in needed if name not in filled and name != "id"]


class RowError(Exception):
    """Why a row cannot be taken; the message holds none of its values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """A mapped column: where it stands, what it fills and how, and the map's own words for its
    values."""

    place: int
    name: str
    ours: str
    read: Callable[[str], Any]
    """What a cell says; None where it cannot be read."""
    same: Mapping[str, Any]
    also: Sequence[str]
    """What a yes of an objection objects to besides, by its heading."""


class RowReader:
    """Reads the rows of one file as checked bodies; what its map says is looked up once."""

    def __init__(
        self, kind: Kind, mapping: ColumnMap, header: Sequence[str], forms: Forms, stamp: str
    ) -> None:
        """`stamp` is how the stamps of the rows begin; each ends with its line."""
        self._kind = kind
        self._stamp = stamp
        self._constants = _plain(mapping.constants)
        self._forms = forms
        self._words = _WORDS.get(kind, {})
        self._columns = [
            _Column(
                place=header.index(name),
                name=name,
                ours=ours,
                read=_reader(ours, name, forms, self._words),
                same=_plain({t.casefold(): o for t, o in mapping.values.get(ours, {}).items()}),
                also=objections_of(name) if ours in ("do_not_email", "do_not_call") else (),
            )
            for name, ours in mapping.fields.items()
        ]
        self._naming = [c for c in self._columns if _names(c.ours)]
        taken = {*mapping.fields, *mapping.leave_out, *OURS, ""}
        is_kept = mapping.others == "attributes" and kind == "leads"
        self._others = [(i, c) for i, c in enumerate(header) if is_kept and c not in taken]

    def names(self, line: Line) -> dict[str, Any]:
        """What the columns that name a fact and its lead say; nothing where it cannot be read."""
        told: dict[str, Any] = {}
        for column in self._naming if line.wrong is None else ():
            if column.ours not in told and (value := self._said(column, line)) is not None:
                told[column.ours] = value
        return told

    def read(self, line: Line) -> Row:
        """The row as a checked body. Raises RowError."""
        if line.wrong is not None:
            raise RowError(line.wrong)
        kind = self._kind
        told, wrong = self._told(line)
        is_dead = told.pop("email_bounced", None) is True
        body: dict[str, Any] = {}
        for ours, value in told.items():
            _put(body, ours, value)
        self._keep_others(body, line)
        email = body.pop("email", None) if kind != "leads" else None
        ids = ("id", "lead_id", "external_ids")
        is_named = _names_a_lead(body) if kind == "leads" else email or any(map(body.get, ids))
        if not is_named:
            wrong.append("names nobody: no id, email or external id")
        elif kind != "leads" and not (
            email or any(body.get(n) for n in ("lead_id", "external_ids", "account"))
        ):
            wrong.append("names no lead: no lead_id, email or external id")
        is_nameless = kind == "leads" and not _has_own_name(body)
        if (is_nameless or kind not in ("leads", "subscriptions")) and "id" not in body:
            body["id"] = _made_id(kind, line)
        wrong += _money(body, self._unit_of_amount(line))
        if wrong:
            raise RowError("; ".join(wrong))
        raw = to_text(body).encode()
        try:
            # what is made of cells is plain JSON already, but for a NUL in one of them
            made = read_model(MODELS[kind], parse_json(raw, []) if "\0" in line.text else body)
        except BadInput as error:
            said = "; ".join(f"{e.path}: {e.message}".removeprefix(": ") for e in error.errors)
            raise RowError(said or error.detail) from None
        facts = None
        if isinstance(made, Signup):
            facts = facts_of(made, f"{self._stamp}{line.number}")
        return Row(line=line, body=made, raw=raw, email=email, facts=facts, is_dead=is_dead)

    def _told(self, line: Line) -> tuple[dict[str, Any], list[str]]:
        """What the mapped columns say, and what of them cannot be read."""
        told: dict[str, Any] = dict(self._constants)
        wrong = []
        for column in self._columns:
            ours = column.ours
            cell = line.cells[column.place]
            text = present(plain_cell(cell), ())
            if not isinstance(text, str):
                if ours in _OBJECTIONS and cell.strip().casefold() in FAILED:
                    wrong.append(f'{ours} (column "{column.name}"): its formula failed')
                continue
            if ours in told and ours not in self._constants and not self._may_object(ours, told):
                continue
            if self._says_nothing(column, text):
                continue  # not given, as training reads it
            value = _read(column, text)
            if value is None and ours in _MEASURED and is_placeholder(text):
                continue
            if value is None:
                needs = _needs(ours, column.name, self._forms, self._words)
                if ours in TIMES and names_unknown_zone(text):
                    needs += ": its zone is not known; write an offset, such as +05:30"
                elif ours in TIMES and (what := names_no_moment(text)):
                    needs += f" but {what}; write the day and time, such as 2026-03-31 14:05"
                wrong.append(f'{ours} (column "{column.name}"): {needs}')
            else:
                told[ours] = value
                told |= dict.fromkeys(column.also, True) if value is True else {}
        return told, wrong

    def _says_nothing(self, column: _Column, text: str) -> bool:
        """Whether a cell of what names or describes a lead says that it is not known ("-")."""
        is_field = column.ours in _DESCRIBES or _names(column.ours)
        return is_field and text.casefold() not in column.same and as_field(text) is None

    def _said(self, column: _Column, line: Line) -> Any:
        """What a line's cell says; None where it is empty or cannot be read."""
        text = present(plain_cell(line.cells[column.place]), ())
        if not isinstance(text, str) or self._says_nothing(column, text):
            return None
        return _read(column, text)

    def _unit_of_amount(self, line: Line) -> str:
        """The currency that the cell of the amount itself names; empty where it names none."""
        cells = (line.cells[c.place] for c in self._columns if c.ours == "amount")
        return next((unit_of(cell) for cell in cells if cell and not PLAIN.fullmatch(cell)), "")

    def _may_object(self, ours: str, told: Mapping[str, Any]) -> bool:
        """Whether a further column may still object: of several, one that does is enough."""
        return ours in _OBJECTIONS and told[ours] is False

    def _keep_others(self, body: dict[str, Any], line: Line) -> None:
        for place, column in self._others:
            value = present(plain_cell(line.cells[place]), ())
            if value is not None:
                body.setdefault("attributes", {}).setdefault(column, value)


def _read(column: _Column, text: str) -> Any:
    """What a cell's text says; None where it cannot be read."""
    value = column.same.get(text.casefold()) if column.same else None
    return column.read(text) if value is None else value


def _names(ours: str) -> bool:
    """Whether a field names a fact or its lead."""
    return ours in ("id", "lead_id", "email") or ours.startswith("external_ids.")


def _names_a_lead(body: Mapping[str, Any]) -> bool:
    """Whether a lead's body says who it is; the id of an account is shared by its people."""
    ids = body.get("external_ids") or {}
    return bool(body.get("id") or body.get("email") or ids.keys() - {"company"})


def _plain(said: Mapping[str, Any]) -> dict[str, Any]:
    """A table of a map as JSON has it: TOML knows dates. Raises DataError."""
    try:
        plain: dict[str, Any] = parse_json(to_text(dict(said)).encode(), [])
    except BadInput as error:
        raise DataError(f"the map holds a value that cannot be kept: {error.detail}") from None
    return plain


def _reader(
    ours: str, column: str, forms: Forms, words: Mapping[str, Mapping[str, Any]]
) -> Callable[[str], Any]:
    """What reads the cells of a column that fills a field."""
    if _names(ours) and ours != "email":
        return lambda text: None if is_cut_short(text) else text
    if ours in TIMES:
        form = forms.times.get(column, "iso")
        return lambda text: None if (at := as_time(text, form)) is None else time_text(at)
    if ours in COUNTS:
        return lambda text: _count(as_number(text, forms.decimals.get(column)))
    if ours == "amount":
        return lambda text: as_number(text, forms.decimals.get(column))
    if ours in _OBJECTIONS:
        return as_objection
    if ours in _BOOLEANS:
        return lambda text: None if (said := as_boolean(text)) is None else said == "yes"
    if ours in words:
        return lambda text: words[ours].get(" ".join(text.casefold().replace("_", " ").split()))
    return {"kind": str.casefold, "amount.currency": str.upper}.get(ours, str)


def _count(number: float | None) -> int | None:
    return int(number) if number is not None and number.is_integer() else None


def _needs(ours: str, column: str, forms: Forms, words: Mapping[str, Mapping[str, Any]]) -> str:
    if ours in TIMES:
        form, _, _ = forms.times.get(column, "iso").partition(" in ")
        return "no time" if form == "iso" else f"no time of the form {form}"
    if ours == "amount":
        return "no number"
    if ours in words:
        known = [word for word in words[ours] if word.replace(" ", "").isalpha()]
        shown = ", ".join(known[:_SHOWN]) + (" …" if len(known) > _SHOWN else "")
        return f"none of {shown}; a map says what else means them, below [values.{ours}]"
    if _names(ours) and ours != "email":
        return "cut short by a spreadsheet, as 4.91E+12 is; export it as text"
    return "no whole number" if ours in COUNTS else "neither yes nor no"


def _money(body: dict[str, Any], unit: str) -> list[str]:
    """An amount in major units becomes minor ones; what is wrong with it and its own `unit`.

    Its unit names the currency where nothing else does; of a refund tools write less than nothing.
    """
    amount = body.get("amount")
    if amount is None or "major" not in amount:
        return []
    currency = amount.get("currency") or sole_currency(unit)
    if currency is None:
        return ['amount: its currency is missing; a map says it: [constants] "amount.currency" = …']
    if currency not in currencies():
        return ["amount.currency: no currency of ISO 4217"]
    if not is_of_currency(unit, currency):
        return [f"amount: written in {unit}, its currency is {currency}"]
    try:
        major = Decimal(repr(amount["major"]))
        if major < 0 and body.get("kind") == "refunded":
            major = -major
        if major < 0:
            return [
                "amount: below nothing; money that goes back is an outcome of the kind refunded"
            ]
        minor = major.scaleb(get_currency_precision(currency))
    except InvalidOperation:
        return ["amount: no number"]
    if not minor.is_finite() or minor != minor.to_integral_value():
        return ["amount: more decimals than its currency has"]
    body["amount"] = {"minor": int(minor), "currency": currency}
    return []


def _put(body: dict[str, Any], ours: str, value: Any) -> None:
    name, _, inner = ("amount.major" if ours == "amount" else ours).partition(".")
    if inner:
        body.setdefault(name, {})[inner] = value
    else:
        body[name] = value


def _has_own_name(body: Mapping[str, Any]) -> bool:
    """Whether a lead's body has what finds the same lead again: a text that is no address does
    not."""
    ids = body.get("external_ids") or {}
    return bool(body.get("id") or ids.keys() - {"company"} or first_address(body.get("email")))


def _made_id(kind: str, line: Line) -> str:
    """The same row has the same id in every file, so a second import changes nothing."""
    told = "\x1f".join(line.cells).encode("utf-8", "surrogateescape")
    return f"import:{hashlib.blake2b(kind.encode() + told, digest_size=16).hexdigest()}"
