"""From the TOML file to a checked policy, or to every mistake in it with line and column.

The file's tables are shown, each once, in policies/default.toml.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from offers.objections import read_objections
from offers.policy_tables import (
    notes_on_limits,
    read_approval,
    read_costs,
    read_countries,
    read_limits,
    read_price_books,
    read_readings,
    read_value,
    read_worth,
)
from offers.problems import PolicyError, Problem, did_you_mean
from offers.rule_tables import read_rules
from offers.rules import Policy, Rule
from offers.terms.windows import is_zone
from offers.toml_reader import TomlReader

__all__ = [
    "Policy",
    "PolicyError",
    "Problem",
    "Rule",
    "default_policy",
    "load_policy",
    "parse_policy",
]

TABLES = (
    *("policy", "price_book", "guardrails", "approval", "countries", "cost", "worth", "value"),
    "readings",
    "objections",
    "rule",
)


def load_policy(path: Path) -> Policy:
    """The policy of a file; raises `PolicyError` with all its problems, `OSError` without it."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        problem = Problem(1, 1, f"not UTF-8 at byte {error.start}: save the file as UTF-8")
        raise PolicyError(path.name, [problem]) from None
    return parse_policy(text, path.name)


def parse_policy(text: str, name: str = "policy") -> Policy:
    """The policy of a text; raises `PolicyError` with all its problems."""
    reader = TomlReader(text, name)
    for table in reader.data:
        if table not in TABLES:
            message = f"unknown table `{table}`{did_you_mean(table, TABLES)}"
            reader.blame_key((table,), message)
    policy = _read(reader, text)
    if reader.problems:
        raise PolicyError(name, reader.problems)
    return policy


@cache
def default_policy() -> Policy:
    """The policy that ships with Giveget and shows every kind of term."""
    shipped = files("offers").joinpath("policies", "default.toml")
    return parse_policy(shipped.read_text(encoding="utf-8"), "default.toml")


def _read(reader: TomlReader, text: str) -> Policy:
    reader.table(("policy",), ("id", "currency", "timezone", "plan"), required=True)
    currency = reader.text(("policy", "currency"), required=True) or "XXX"
    if not (len(currency) == 3 and currency.isalpha() and currency.isupper()):
        reader.blame(("policy", "currency"), f"`currency` {currency} must be a code, as USD")
    timezone = reader.text(("policy", "timezone")) or "UTC"
    if not is_zone(timezone):
        reader.blame(("policy", "timezone"), f"`timezone` {timezone} is no zone, as Europe/Berlin")
    books = read_price_books(reader, currency)
    plan = reader.text(("policy", "plan"))
    if plan is not None and plan not in books:
        reader.blame(("policy", "plan"), f"no [price_book.{plan}]{did_you_mean(plan, books)}")
    costs = read_costs(reader)
    refused, sign_off = read_countries(reader)
    margin, discount = read_value(reader)
    objections = read_objections(reader)
    rules, notes = read_rules(reader, costs, tuple(books), objections)
    limits = read_limits(reader)
    return Policy(
        id=reader.text(("policy", "id"), required=True) or "",
        version=sha256(text.encode()).hexdigest()[:12],
        text=text,
        currency=currency,
        timezone=timezone,
        plan=plan or (next(iter(books)) if len(books) == 1 else None),
        rules=rules,
        guardrails=limits,
        price_books=books,
        costs=costs,
        objections=objections,
        worth=read_worth(reader),
        approval=read_approval(reader),
        readings=read_readings(reader),
        margin_percent=margin,
        discount_percent=discount,
        refused=refused,
        sign_off=sign_off,
        notes=(*notes, *notes_on_limits(limits)),
    )
