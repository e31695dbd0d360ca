"""A file's rows come in through the same doors as the webhooks' bodies, and can be taken back.

Before a row changes a lead, the lead's rows are kept as they are; undoing puts them back, unless
somebody else told something of the lead since. An import merges no leads and redeems no offers:
a row that would is refused, or leaves that part out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from service.domain.lead import StoredLead
from service.domain.lead_record import account_of
from service.errors import BadInput, Conflict, NotFound
from service.importers.rows import Row, RowError
from service.schemas.facts import Event, Outcome, Touch
from service.schemas.signup import Signup
from service.store.leads import facts, imports, leads
from service.store.leads.idempotency import Message
from service.use_cases.intake.facts import store_events, store_outcome, store_touch
from service.use_cases.intake.signups import Given, read_signup, store_signup, tells_of_a_deal
from service.use_cases.leads import identity
from service.use_cases.tx import Tx


@dataclass(slots=True, kw_only=True)
class Taking:
    """One import as it goes on."""

    id: str
    kept: set[str] = field(default_factory=set)
    """Leads whose rows before are kept already."""
    taken: int = 0
    known: int = 0
    """Rows that said nothing new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """What taking an import back did."""

    put_back: int
    kept: tuple[str, ...]
    """Leads of which something else was told since: they stay as they are."""
    facts: int


def take_rows(tx: Tx, taking: Taking, rows: Sequence[Row]) -> list[tuple[Row, str]]:
    """Take some rows in one transaction; those that were refused, and why."""
    refused = []
    before = (set(taking.kept), taking.taken, taking.known)
    try:
        for row in rows:
            try:
                is_new = _take(tx, taking, row)
                tx.flush()  # the next row may be about the same lead
                taking.taken += is_new
                taking.known += not is_new
            except (RowError, BadInput) as error:
                refused.append((row, str(error)))
    except BaseException:  # the transaction starts over
        taking.kept, taking.taken, taking.known = before
        raise
    return refused


def undo(tx: Tx, id: str) -> Undone:
    """Take an import back. Raises NotFound, and Conflict when it was taken back already."""
    found = imports.find(tx.connection, id)
    if found is None:
        raise NotFound("unknown_import", "there is no such import; see `giveget import list`")
    if found.state == "undone":
        raise Conflict("import_undone", "this import was taken back already")
    put_back, kept = 0, []
    for number, lead in imports.snapshots(tx.connection, id):
        if imports.has_moved_on(tx.connection, id, number, lead):
            kept.append(lead)
            continue
        imports.put_back(tx.connection, number, lead)
        put_back += 1
    gone = imports.take_out_facts(tx.connection, id)
    imports.count(tx.connection, id, state="undone", taken=found.taken, rejected=found.rejected)
    imports.forget(tx.connection, id)
    tx.audit("import.undone", id, leads=put_back, kept=len(kept))
    return Undone(put_back=put_back, kept=tuple(dict.fromkeys(kept)), facts=gone)


def _take(tx: Tx, taking: Taking, row: Row) -> bool:
    """Take one row; whether it said anything new."""
    match row.body:
        case Signup() as signup:
            _take_lead(tx, taking, row, signup)
            return True
        case Event() as event:
            what = "event"
            fact: Event | Touch | Outcome = _named(tx, event, row.email)
        case Touch() | Outcome() as other:
            what = "touch" if isinstance(other, Touch) else "outcome"
            fact = _named(tx, other, row.email)
    if facts.known(tx.connection, what, [fact.id]):  # type: ignore[arg-type]  # one of the three
        return False
    lead_id = identity.find(
        tx.connection, lead=fact.lead_id, ids=identity.person_ids(fact.external_ids)
    )
    if lead_id is not None:
        lead = leads.find(tx.connection, lead_id)
        assert lead is not None
        _keep_lead(tx.connection, taking, lead)
        if not isinstance(fact, Event):
            _keep_colleagues(tx.connection, taking, lead.account)
    imports.insert_facts(tx.connection, taking.id, what, [fact.id])
    match fact:
        case Event():
            store_events(tx, [fact], ())
        case Touch():
            store_touch(tx, fact)
        case Outcome():
            store_outcome(tx, fact, taking.id)
    return True


def _named(tx: Tx, fact: Event | Touch | Outcome, email: str | None) -> Event | Touch | Outcome:
    """The fact with its lead, when only a mail address names it. Raises RowError."""
    if fact.lead_id is not None or fact.external_ids:
        return fact
    assert email is not None  # read_row saw to it
    lead = leads.by_email(tx.connection, tx.runtime.email_key(email))
    if lead is None:
        raise RowError("no lead has this mail address; import its lead first")
    return fact.model_copy(update={"lead_id": lead})


def _take_lead(tx: Tx, taking: Taking, row: Row, signup: Signup) -> None:
    message = Message(
        sender="import",
        id=f"{taking.id}:{row.line.number}",
        body_hash="",
        sent_at=int(tx.now.timestamp()),
    )
    given = read_signup(tx.runtime, signup, message, row.raw)
    ids = identity.person_ids(signup.external_ids)
    found = identity.match(tx.connection, lead=signup.id, ids=ids, email_key=given.email_key)
    if found.same:
        raise RowError("names two leads; say by a sign-up call that they are one person")
    lead_id = found.lead or signup.id or given.made_id
    known = None if found.lead is None else leads.find(tx.connection, found.lead)
    if known is not None and signup.id not in (None, known.id):
        raise RowError("its external id or mail address is another lead's")
    account = _account(given, known)
    if lead_id not in taking.kept:
        waiting = (*found.new_ids, (identity.LEAD, signup.id or lead_id))
        if given.email_key is not None:
            waiting = (*waiting, (identity.EMAIL, given.email_key))
        imports.insert_snapshot(tx.connection, taking.id, lead_id, account, waiting)
        taking.kept.add(lead_id)
    if tells_of_a_deal(given) or (known is not None and known.account != account):
        for name in {account, None if known is None else known.account}:
            _keep_colleagues(tx.connection, taking, name)
    store_signup(tx, given, redeems=False)


def _account(given: Given, known: StoredLead | None) -> str | None:
    account = account_of(given.contact, identity.company_id(given.signup.external_ids))
    return account or (None if known is None else known.account)


def _keep_colleagues(connection: sa.Connection, taking: Taking, account: str | None) -> None:
    """What one lead of an account says or hears, the others are looked at again for."""
    for colleague in () if account is None else leads.of_account(connection, account):
        _keep_lead(connection, taking, colleague)


def _keep_lead(connection: sa.Connection, taking: Taking, lead: StoredLead) -> None:
    if lead.id not in taking.kept:
        imports.insert_snapshot(connection, taking.id, lead.id, lead.account, ())
        taking.kept.add(lead.id)
