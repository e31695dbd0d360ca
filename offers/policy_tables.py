"""Every table of the policy file but the rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from importlib.resources import files
from typing import Any

from offers.countries import countries
from offers.problems import did_you_mean
from offers.quote import Costs, PriceBook
from offers.rules import DISCOUNT_PERCENT, Approvals, Limits, ListedCountry, Readings
from offers.terms import GETS
from offers.toml_positions import Path
from offers.toml_reader import TomlReader

DEAREST = 10**9
"""Minor units per seat and month that nobody charges: a higher price is a typing mistake."""

USUAL_LIVE_DAYS = 180
"""Days a year of concessions to one audience, of whatever kind, beyond which they never end."""

SHARES = ("audience_share", "holdout", "holdout_while_young", "max_complaint_share")
LIMITS = tuple(field.name for field in fields(Limits))


def read_limits(reader: TomlReader) -> Limits:
    """`[guardrails]`."""
    if not reader.table(("guardrails",), LIMITS):
        return Limits()
    highest = {"max_percent_off": 100, "live_days_per_year": 365, "live_days_per_year_any": 365}
    read: dict[str, Any] = {
        name: reader.share(("guardrails", name))
        if name in SHARES
        else reader.whole(("guardrails", name), 0, highest.get(name, 10**15))
        for name in LIMITS
    }
    if read["live_days_per_year"] is not None and read["live_days_per_year_any"] is None:
        read["live_days_per_year_any"] = max(read["live_days_per_year"], USUAL_LIVE_DAYS)
    given = {name: value for name, value in read.items() if value is not None}
    return Limits(**given)


def notes_on_limits(limits: Limits) -> tuple[str, ...]:
    """What the author of `[guardrails]` should know."""
    most = limits.open_offers_per_account
    if most is None or most <= 1:
        return ()
    return (f"open_offers_per_account = {most}: an account never has two open offers; write 1",)


def read_price_books(reader: TomlReader, currency: str) -> Mapping[str, Mapping[str, PriceBook]]:
    """`[price_book.PLAN]` in the policy's currency and `[price_book.PLAN.CURRENCY]` in others."""
    if not reader.table(("price_book",), None):
        return {}
    books: dict[str, Mapping[str, PriceBook]] = {}
    for plan in reader.at(("price_book",)):
        base = _price_book(reader, ("price_book", plan), plan, currency, None)
        if base is None:
            continue
        others = [
            _price_book(reader, ("price_book", plan, key), plan, key, base.list_minor)
            for key, value in reader.at(("price_book", plan)).items()
            if isinstance(value, Mapping)
        ]
        books[plan] = {book.currency: book for book in (base, *others) if book is not None}
    return books


def _price_book(
    reader: TomlReader, path: Path, plan: str, currency: str, base_list: int | None
) -> PriceBook | None:
    table = reader.at(path)
    known: tuple[str, ...] = ("list", "floor")
    if base_list is None and isinstance(table, Mapping):
        known += tuple(key for key in table if len(key) == 3 and key.isalpha() and key.isupper())
    if not reader.table(path, known):
        return None
    list_minor = reader.whole((*path, "list"), 1, DEAREST, required=True)
    floor_minor = reader.whole((*path, "floor"), 0, DEAREST, required=True)
    if list_minor is None or floor_minor is None:
        return None
    if floor_minor > list_minor:
        reader.blame((*path, "floor"), f"`floor` {floor_minor} is above `list` {list_minor}")
    return PriceBook(
        plan=plan,
        currency=currency,
        list_minor=list_minor,
        floor_minor=floor_minor,
        base_list_minor=base_list or list_minor,
    )


def read_costs(reader: TomlReader) -> Costs:
    """`[cost.service]`, `[cost.bundle]`, `[cost.payment_days]`, `[cost.price_lock_months]`."""
    tables = ("service", "bundle", "payment_days", "price_lock_months")
    if not reader.table(("cost",), tables):
        return Costs()
    percent = {}
    for name, key in (("payment_days", "percent_per_year"), ("price_lock_months", "percent_rise")):
        if reader.table(("cost", name), (key,)):
            percent[name] = reader.whole(("cost", name, key), 0, 1000, required=True) or 0
    return Costs(
        service=_amounts(reader, ("cost", "service")),
        bundle=_amounts(reader, ("cost", "bundle")),
        payment_days_percent_per_year=percent.get("payment_days"),
        price_lock_percent_rise=percent.get("price_lock_months", 0),
    )


def read_worth(reader: TomlReader) -> Mapping[str, int]:
    """`[worth]`: minor units a get brings where no quote says."""
    return _amounts(reader, ("worth",), tuple(GETS))


def read_value(reader: TomlReader) -> tuple[int | None, int]:
    """`[value]`: what a sale leaves of its list price (`margin_percent`), and by how much a year
    money that comes later is worth less (`discount_percent`)."""
    if not reader.table(("value",), ("margin_percent", "discount_percent")):
        return None, DISCOUNT_PERCENT
    discount = reader.whole(("value", "discount_percent"), 0, 100)
    margin = reader.whole(("value", "margin_percent"), 1, 100)
    return margin, DISCOUNT_PERCENT if discount is None else discount


def read_readings(reader: TomlReader) -> Readings:
    """`[readings]`: how many readings of the effect, over how many accounts."""
    if not reader.table(("readings",), ("count", "planned")):
        return Readings()
    count = reader.whole(("readings", "count"), 1, 50) or Readings().count
    planned = reader.whole(("readings", "planned"), 1, 10**9)
    if planned is not None and planned < count:
        reader.blame(
            ("readings", "planned"), f"`planned` {planned} accounts are fewer than {count} readings"
        )
    return Readings(count=count, planned=planned)


def _amounts(
    reader: TomlReader, path: Path, known: tuple[str, ...] | None = None
) -> dict[str, int]:
    if not reader.table(path, known):
        return {}
    read = {key: reader.whole((*path, key), 0, 10**12) for key in reader.at(path)}
    return {key: amount for key, amount in read.items() if amount is not None}


def read_approval(reader: TomlReader) -> Approvals:
    """`[approval]`."""
    plain = Approvals()
    if not reader.table(("approval",), ("rep_above_percent", "manager_above_percent")):
        return plain
    rep = reader.whole(("approval", "rep_above_percent"), 0, 100)
    manager = reader.whole(("approval", "manager_above_percent"), 0, 100)
    return Approvals(
        rep_above_percent=plain.rep_above_percent if rep is None else rep,
        manager_above_percent=plain.manager_above_percent if manager is None else manager,
    )


def read_countries(
    reader: TomlReader,
) -> tuple[tuple[ListedCountry, ...], tuple[ListedCountry, ...]]:
    """`[countries]`: refused ones and those that need a manager; the shipped lists without it."""
    if "countries" not in reader.data:
        shipped = files("offers").joinpath("policies", "countries.toml")
        reader = TomlReader(shipped.read_text(encoding="utf-8"), "countries.toml")
    known = ("as_of", "refused", "refused_why", "sign_off", "sign_off_why", "why")
    if not reader.table(("countries",), known):
        return (), ()
    listed = bool(reader.at(("countries", "refused")) or reader.at(("countries", "sign_off")))
    as_of = reader.day(("countries", "as_of"), required=listed) or date.min
    return _listed(reader, "refused", as_of), _listed(reader, "sign_off", as_of)


def _listed(reader: TomlReader, name: str, as_of: date) -> tuple[ListedCountry, ...]:
    path: Path = ("countries", name)
    codes = reader.at(path)
    if not codes:
        return ()
    if not isinstance(codes, list):
        reader.blame(path, f'`{name}` must be a list of codes, as ["KP"]')
        return ()
    why = reader.text(("countries", f"{name}_why")) or reader.text(("countries", "why"))
    if why is None:
        reader.blame_key(path, f"no `{name}_why`: say why these countries are listed")
    found = []
    for index, code in enumerate(codes):
        if code in countries():
            found.append(ListedCountry(country=code, since=as_of, why=why or ""))
        else:
            hint = did_you_mean(str(code), countries())
            reader.blame((*path, index), f"{code!r} is no ISO 3166 alpha-2 country{hint}")
    return tuple(found)
