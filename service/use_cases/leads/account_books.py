"""An account's ledger: a line for each outcome that is somebody's, and what the lines come to."""

from __future__ import annotations

from datetime import datetime

from service.domain.account_money import AccountMoney, Entry, Kind, add_up
from service.domain.lead import StoredLead
from service.domain.stages import Stage, stage_of
from service.schemas.facts import Outcome
from service.store.leads import account_ledger, accounts, leads
from service.use_cases.tx import Tx


def begin_paying(tx: Tx, lead: StoredLead) -> None:
    """The account of a lead that bought is a customer from its first sale on."""
    since = account_ledger.first_sale_at(tx.connection, lead.id)
    if lead.account is not None and since is not None:
        accounts.starts_paying(tx.connection, lead.account, since, tx.now)


def note_disposition(tx: Tx, lead: str, claim: str, kind: Kind, rep: str) -> None:
    """A rep's word that a lead bought or was lost."""
    entry = Entry(id=f"{claim}:done", lead=lead, kind=kind, at=tx.now, by=rep)
    account_ledger.insert(tx.connection, entry, tx.now)


def write_down(tx: Tx, lead: str, outcome: Outcome) -> None:
    """Add an outcome that is this lead's; it was not known before."""
    paid = outcome.amount
    term = outcome.term_months if outcome.prepaid else None
    entry = Entry(
        id=outcome.id,
        lead=lead,
        kind=outcome.kind,
        at=outcome.at,
        subscription=outcome.subscription,
        plan=outcome.plan,
        seats=outcome.seats,
        months=outcome.period_months or term or 1,
        minor=None if paid is None else paid.minor,
        currency=None if paid is None else paid.currency,
        invoice=outcome.invoice,
    )
    account_ledger.insert(tx.connection, entry, tx.now)


def take_off_refund(tx: Tx, entry: Entry) -> None:
    """Add a line that takes off what an earlier one said was given back."""
    account_ledger.insert(tx.connection, entry, tx.now)


def silent_since(tx: Tx, lead: StoredLead) -> datetime | None:
    """Of a customer: when anybody of the account last did anything, or it bought after that.

    None where no event of it was ever counted, and for who has left.
    """
    own = None if lead.counters_json is None else lead.hot_at
    others = None if lead.account is None else leads.last_active(tx.connection, lead.account)
    told = [at for at in (own, others) if at is not None]
    if not told:
        return None
    money = money_of(tx, lead)
    return max(*told, money.customer_since) if money.customer_since is not None else None


def stage_of_account(tx: Tx, lead: StoredLead, money: AccountMoney) -> Stage:
    """The stage of a lead's account."""
    people = [lead] if lead.account is None else leads.of_account(tx.connection, lead.account)
    counted = [r for one in people if (r := one.counters) is not None]
    return stage_of(money, counted, tx.now, tx.runtime.policy.timezone)


def money_of(tx: Tx, lead: StoredLead) -> AccountMoney:
    """What the ledger of a lead's account comes to now; of a lead without one, its own."""
    if lead.account is None:
        entries = account_ledger.of_lead(tx.connection, lead.id)
    else:
        entries = account_ledger.of_account(tx.connection, lead.account)
    return add_up(entries, tx.now, tx.runtime.policy.timezone)
