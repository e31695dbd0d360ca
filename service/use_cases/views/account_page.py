"""One account: its money and seats, its people, what it was offered."""

from __future__ import annotations

import json
from typing import Any

from service.auth.keyring import Caller
from service.domain.account_money import AccountMoney, Entry
from service.domain.account_value import ExtraMonths, value_of, why_no_value
from service.domain.lead import StoredLead, name_of
from service.domain.lead_record import time_text
from service.domain.stages import Stage
from service.errors import NotAllowed, NotFound
from service.store.leads import accounts, leads
from service.store.offers import merged_accounts, offers, redemptions
from service.use_cases.leads.account_books import money_of, stage_of_account
from service.use_cases.leads.account_score import score_account, score_json
from service.use_cases.offers.situation import account_key
from service.use_cases.reports.state import report_state
from service.use_cases.tx import Tx
from service.use_cases.views.offer_view import offer_json
from service.use_cases.views.renewal_forecast import to_come

ACCOUNT_SEEN = "account.seen"
_LONE = "lead:"


def account_page(tx: Tx, account: str, caller: Caller) -> dict[str, Any]:
    """The answer of `GET /v1/accounts/{account}`; that it was looked at is written down.

    A lead without an account is one by itself, as `lead:` and its reference. What was merged into
    another account, and has nobody left, answers with that one. Raises NotFound, and
    NotAllowed for a rep of whom neither the account nor any of its leads is.
    """
    shown = account_view(tx, account, caller)
    note_account_seen(tx, account, caller)
    return shown


def note_account_seen(tx: Tx, account: str, caller: Caller) -> None:
    """Write down that the actor looked at an account. Raises NotFound, NotAllowed."""
    tx.audit(ACCOUNT_SEEN, people_of(tx, account, caller)[0].pseudonym)


def account_view(tx: Tx, account: str, caller: Caller) -> dict[str, Any]:
    """`account_page` without its mark that somebody looked."""
    people = people_of(tx, account, caller)
    key = account_key(people[0])
    money = money_of(tx, people[0])
    score = score_account(tx, people)
    policy = tx.runtime.policy
    conceded = (offers.cost_of_redeemed(tx.connection, key), policy.currency)
    return {
        "account": key,
        "score": None if score is None else score_json(tx, score),
        "stage": _stage_json(stage_of_account(tx, people[0], money)),
        "value": _value_json(tx, key, money, conceded),
        "value_why": why_no_value(money, conceded),
        "people": [_person(lead) for lead in people if lead.erased_at is None],
        "offers": [offer_json(offer) for offer in offers.of_account(tx.connection, key)],
        "money": money_json(money),
        "report": report_state(tx, key),
    }


def _value_json(
    tx: Tx, key: str, money: AccountMoney, conceded: tuple[int, str]
) -> dict[str, Any] | None:
    policy = tx.runtime.policy
    worth = value_of(
        money,
        conceded=conceded,
        margin_percent=100 if policy.margin_percent is None else policy.margin_percent,
        now=tx.now,
        zone=policy.timezone,
        extra=_extra_months(tx, key),
    )
    if worth is None:
        return None
    renewed, method = to_come(tx, money)
    each = None if renewed is None else [round(n * worth.period_minor) for n in renewed]
    potential, low, high = each or (None, None, None)
    return {
        "currency": worth.currency,
        "past_minor": worth.past_minor,
        "current_minor": worth.current_minor,
        "potential_minor": potential,
        "low_minor": low,
        "high_minor": high,
        "method": method,
    }


def _extra_months(tx: Tx, account: str) -> list[ExtraMonths]:
    """What the account's redeemed offers gave beside their invoices."""
    found = []
    for offer in offers.of_account(tx.connection, account):
        months = json.loads(offer.terms)["gives"].get("extra_months")
        if offer.state == "redeemed" and offer.invoice is not None and isinstance(months, int):
            used = redemptions.of_offer(tx.connection, offer.id)
            until = None if used is None else used.commitment_until
            found.append(ExtraMonths(invoice=offer.invoice, months=months, since=until))
    return found


def _stage_json(stage: Stage) -> dict[str, Any]:
    since = None if stage.since is None else stage.since.isoformat()
    return {"name": stage.name, "since": since, "why": stage.why}


def people_of(tx: Tx, account: str, caller: Caller) -> list[StoredLead]:
    """The leads of an account that a caller may see. Raises NotFound, NotAllowed."""
    people = _people(tx, account)
    if not people:
        raise NotFound("unknown_account", "there is no such account")
    known = accounts.find(tx.connection, account_key(people[0]))
    owners = {lead.rep for lead in people} | {None if known is None else known.rep}
    if caller.role == "rep" and caller.rep not in owners:
        raise NotAllowed("not_yours", "neither this account nor a lead of it is yours")
    return people


def now_of(tx: Tx, account: str) -> str:
    """The account that stands for this one, which may be itself."""
    people = _people(tx, account)
    return account_key(people[0]) if people else account


def _people(tx: Tx, account: str) -> list[StoredLead]:
    """Of an account that has become another, and has nobody left, that one's."""
    found = leads.of_account(tx.connection, account)
    if not found and account.startswith(_LONE):
        lone = leads.by_pseudonym(tx.connection, account.removeprefix(_LONE))
        if lone is not None:
            return [lone] if lone.account is None else leads.of_account(tx.connection, lone.account)
    if not found and (now := merged_accounts.whole(tx.connection, account)) != account:
        return _people(tx, now)
    return found


def _person(lead: StoredLead) -> dict[str, Any]:
    fields = lead.fields
    contact = lead.contact
    return {
        "lead_id": lead.id,
        "name": name_of(fields),
        "title": fields.get("title"),
        "buying_role": contact.buying_role,
        "seniority": contact.seniority,
        "department": contact.department,
        "grade": lead.grade,
        "lane": lead.lane,
        "rep": lead.rep,
        "outcome": lead.standing_outcome,
        "signed_up_at": time_text(lead.moment),
        "touched_at": None if lead.touched_at is None else time_text(lead.touched_at),
    }


def money_json(money: AccountMoney) -> dict[str, Any]:
    """What the ledger comes to, and its lines."""
    return {
        "sums": [
            {
                "currency": one.currency,
                "paid_minor": one.paid_minor,
                "refunded_minor": one.refunded_minor,
                "kept_minor": one.kept_minor,
            }
            for one in money.sums
        ],
        "seats": money.seats,
        "plan": money.plan,
        "customer_since": None if money.first_sale_at is None else time_text(money.first_sale_at),
        "paid_until": None if money.paid_until is None else time_text(money.paid_until),
        "ends_at": None if money.ends_at is None else time_text(money.ends_at),
        "ended_at": None if money.ended_at is None else time_text(money.ended_at),
        "entries": [_entry_json(entry) for entry in money.entries],
    }


def _entry_json(entry: Entry) -> dict[str, Any]:
    shown = ("kind", "subscription", "plan", "seats", "months", "minor", "currency", "invoice")
    told = {name: getattr(entry, name) for name in shown}
    return {"at": time_text(entry.at), "lead_id": entry.lead} | told
