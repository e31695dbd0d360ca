"""What is to be done for offers, each task as a sentence with the person it is about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from offers.terms import Terms
from service.console import people
from service.console.page_context import PageContext
from service.console.table import Column, Table
from service.console.words import plain
from service.store.offers import tasks
from service.store.offers.offers import StoredOffer
from service.store.offers.tasks import Task

_SHOWN = 100
_FIRST = {
    "talk_to_rep": "Call {who}, then send the order",
    "feedback_call": "Hold the feedback call with {who}, then send the order",
}
_COLUMNS = (
    Column("task", "Task", "long", link="/offers/{offer}"),
    Column("offer", "Offer", "number", shown="number"),
    Column("made_at", "Since", "time"),
    Column("due_at", "Due", "time"),
    Column("reason", "Why a person", "long"),
)


def page(look: PageContext) -> dict[str, Any]:
    """What the page of tasks shows."""
    return {"to_do": table(look)}


def table(look: PageContext) -> Table:
    """The open tasks, the oldest first; a rep's own."""
    found = tasks.open_with_offers(look.connection, rep=look.only_rep, limit=_SHOWN)
    names = people.names_of(look, {offer.lead for _, offer in found})
    return Table(
        name="tasks",
        title=f"The oldest {_SHOWN} tasks" if len(found) == _SHOWN else "To do",
        columns=_COLUMNS,
        rows=[_row(task, offer, names) for task, offer in found],
        empty="Nothing to do.",
    )


def _row(task: Task, offer: StoredOffer, names: Mapping[str, str]) -> dict[str, Any]:
    terms = Terms.from_json(json.loads(offer.terms))
    who = names.get(offer.lead, "the customer")
    return {
        "id": task.id,
        "task": task_said(task, who, terms),
        "offer": offer.id,
        "number": offer.number,
        "made_at": task.made_at,
        "due_at": task.due_at,
        "reason": task.reason,
    }


def task_said(task: Task, who: str, terms: Terms) -> str:
    """`Call Elena Rossi, then send the order`."""
    gives = {give.kind: give.phrase() for give in terms.give_terms()}
    gets = {get.kind: get.phrase() for get in terms.get_terms()}
    give, get = gives.get(task.give, plain(task.give)), gets.get(task.give, plain(task.give))
    instruction = task.recipe.partition(": ")[2] or task.recipe
    match task.kind:
        case "accepted" if task.give == "ordered":
            waits_for = ", ".join(gets.get(each, each) for each in json.loads(task.value))
            return f"{who} has ordered; the order waits for {waits_for}"
        case "accepted":
            return _after_acceptance(json.loads(task.value), gets, who)
        case "question" if json.loads(task.value) == "call":
            return f"Call {who}, who asked for it on the offer's page, at the number given there"
        case "question":
            return f"Answer the question that {who} asked on the offer's page"
        case "confirm":
            return f"Check with {who}: {get}"
        case "owed":
            return f"{who} owes us: {get}"
        case "remind":
            return f"Remind {who} of what they promised: {get}"
        case "grant":
            return f"Give {who} {give}: {instruction}"
        case "restore":
            return f"Give {who} again {give}: {instruction}"
        case "take_back":
            return f"Take back from {who} {give}: {instruction}"
        case _:  # invoices and subscriptions in trouble: the recipe names them
            return f"{instruction[:1].upper()}{instruction[1:]} ({who})"


def _after_acceptance(first: list[str], gets: Mapping[str, str], who: str) -> str:
    """What comes before the order, where something does."""
    if not first:
        return f"Take the order of {who}"
    if len(first) == 1 and first[0] in _FIRST:
        return _FIRST[first[0]].format(who=who)
    return f"{who} said yes; before the order: {', '.join(gets.get(get, get) for get in first)}"
