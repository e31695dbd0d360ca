"""The `[[rule]]` tables of the policy file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TypeVar

from offers.conditions import Any, Compare, Constant, Node, Within, parse_condition
from offers.conditions.nodes import clauses
from offers.objections import read_answers
from offers.policy_codes import FACT, code_problems
from offers.problems import did_you_mean
from offers.quote import Costs
from offers.rules import Rule
from offers.single_market import splits_of
from offers.terms import DEEDS, GETS, GIVES, MAY_FOLLOW, Get, Give, TermError
from offers.terms.pay_gets import PayBy
from offers.toml_positions import Path
from offers.toml_reader import BEYOND, TomlReader, is_reckoned_with

KEYS = ("id", "why", "when", "get", "give", "email", "answers", "valid_days", "from", "until")
ENDS = ("pay_by", "pay_within_days")

Term = TypeVar("Term", Give, Get)


def read_rules(
    reader: TomlReader, costs: Costs, plans: tuple[str, ...], objections: Mapping[str, str]
) -> tuple[tuple[Rule, ...], tuple[str, ...]]:
    """All rules in file order, and notes on what their author should look at."""
    tables = reader.at(("rule",))
    if tables is None:
        return (), ("no [[rule]]: nobody gets an offer",)
    if not isinstance(tables, list):
        reader.blame(("rule",), "rules are written [[rule]], with two brackets")
        return (), ()
    seen: dict[str, int] = {}
    codes: dict[str, str] = {}
    rules: list[Rule] = []
    notes: list[str] = []
    for index in range(len(tables)):
        rule = _read_rule(reader, ("rule", index), costs, objections)
        if rule.id in seen:
            message = f'a second rule "{rule.id}" (the first is on line {seen[rule.id]})'
            reader.blame(("rule", index, "id"), message)
        seen.setdefault(rule.id, rule.line)
        for key, message in code_problems(rule, codes):
            where: Path = ("rule", index, key)
            reader.blame(
                where if key == "when" else (*where, FACT), f'{message} (rule "{rule.id}")'
            )
        rules.append(rule)
        notes.extend(_notes(rule, plans))
    return tuple(rules), tuple(notes)


def _read_rule(reader: TomlReader, path: Path, costs: Costs, objections: Mapping[str, str]) -> Rule:
    if not reader.table(path, KEYS):
        return _empty_rule()
    line, _ = reader.places.of_key(path)
    rule_id = reader.text((*path, "id"), required=True) or f"on line {line}"
    gives = _terms(reader, (*path, "give"), GIVES, rule_id)
    gets = _terms(reader, (*path, "get"), GETS, rule_id)
    rule = Rule(
        id=rule_id,
        why=reader.text((*path, "why"), required=True) or "",
        when=_condition(reader, (*path, "when")),
        gives=gives,
        gets=gets,
        email=reader.text((*path, "email")),
        answers=read_answers(reader, (*path, "answers"), objections),
        valid_days=reader.whole((*path, "valid_days"), 1, 365),
        starts=reader.day((*path, "from")),
        until=reader.day((*path, "until")),
        line=line,
    )
    _check_trade(reader, path, rule, costs)
    return rule


def _check_trade(reader: TomlReader, path: Path, rule: Rule, costs: Costs) -> None:
    table = reader.at(path)
    named = f'(rule "{rule.id}")'
    if not table.get("give"):
        reader.blame_key((*path, "give"), f"no give {named}: add one of {', '.join(GIVES)}")
    if not table.get("get"):
        message = f"a give without a get {named}: add one of {', '.join(GETS)}"
        reader.blame_key((*path, "get" if "get" in table else "give"), message)
    ends = [key for key in ENDS if key in (table.get("get") or {})]
    if "valid_days" not in table and not ends:
        message = f"no end {named}: add valid_days, or get pay_by or pay_within_days"
        reader.blame_key(path, message)
    if rule.starts and rule.until and rule.until < rule.starts:
        message = f"`until` {rule.until} is before `from` {rule.starts} {named}"
        reader.blame((*path, "until"), message)
    if sum(bool(give.sizes) for give in rule.gives) > 1:
        message = f"chance draws the size of one give only {named}: give the others one size"
        reader.blame((*path, "give"), message)
    for give in rule.gives:
        if (missing := give.missing_cost(costs)) is not None:
            where = (*path, "give", give.kind)
            reader.blame_key(where, f"`{give.kind}` has no stated cost {named}: add {missing}")


def _terms(
    reader: TomlReader, path: Path, kinds: Mapping[str, type[Term]], rule_id: str
) -> tuple[Term, ...]:
    table = reader.at(path)
    if table is None or not isinstance(table, Mapping):
        if table is not None:
            reader.blame(path, f"`{path[-1]}` must be a table: {{ … }}")
        return ()
    read: list[Term] = []
    for kind, value in table.items():
        where = (*path, kind)
        if kind not in kinds:
            message = f"unknown {path[-1]} `{kind}`{_suggest_term(kind, str(path[-1]), kinds)}"
            reader.blame_key(where, f'{message} (rule "{rule_id}")')
            continue
        try:
            term = kinds[kind].read(value)
        except TermError as error:
            reader.blame(where, f'{error} (rule "{rule_id}")')
            continue
        if isinstance(term, PayBy) and not _is_payable(term):
            reader.blame(where, f'`{kind}` {term} {BEYOND} (rule "{rule_id}")')
            continue
        read.append(term)
    return tuple(read)


def _is_payable(term: PayBy) -> bool:
    day = term.due.by
    return not isinstance(day, date) or is_reckoned_with(day)


def _suggest_term(kind: str, side: str, kinds: Iterable[str]) -> str:
    if side == "give" and kind in GETS:
        return "; it is a get"
    if side == "get" and kind in GIVES:
        return "; it is a give"
    return did_you_mean(kind, kinds) or f"; known: {', '.join(kinds)}"


def _condition(reader: TomlReader, path: Path) -> Node:
    text = reader.at(path)
    if not isinstance(text, str):
        if text is None:
            reader.blame_key(path, "no `when`: say who the rule is for")
        else:
            reader.blame(path, "`when` must be a condition in quotes")
        return Constant(False)
    node, problems = parse_condition(text, lambda index: reader.places.of_character(path, index))
    reader.problems.extend(problems)
    return node


def _empty_rule() -> Rule:
    return Rule(id="", why="", when=Constant(False), gives=(), gets=())


def _notes(rule: Rule, plans: tuple[str, ...]) -> Iterable[str]:
    if rule.needs_price and not plans:
        yield f'rule "{rule.id}" needs a price, and there is no [price_book]: it is never offered'
    tested = list(_plans_in(rule.when))
    unknown = sorted({plan for plan in tested if plan not in plans})
    if unknown and rule.needs_price:
        yield f'rule "{rule.id}" names plans without a price book: {", ".join(unknown)}'
    is_by_deeds = all(get.kind in DEEDS for get in rule.gets)
    has_order = not is_by_deeds or any(give.needs_order for give in rule.gives)
    for get in rule.gets:
        if has_order and get.kind in MAY_FOLLOW and get.within_days is None:
            yield (
                f'rule "{rule.id}": {get.kind} must be done before anything is conceded; '
                f"{get.kind} = {{ within_days = 90 }} lets it follow the order"
            )
    yield from splits_of(rule)
    if rule.email is None and Compare("lane", "==", "offer") in clauses(rule.when):
        yield f'rule "{rule.id}" is for lane "offer" but has no `email`: nobody sends it'


def _plans_in(node: Node) -> Iterable[str]:
    match node:
        case Compare("plan", "==", str() as plan):
            yield plan
        case Within("plan", values, True):
            yield from (str(value) for value in values)
        case Any(parts):
            for part in parts:
                yield from _plans_in(part)
        case _ if len(clauses(node)) > 1:
            for clause in clauses(node):
                yield from _plans_in(clause)
