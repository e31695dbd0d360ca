"""Leads of a file come in as sign-ups do.

Most rows of a file name somebody new. Whoever nothing is stored of, which is asked for all rows
at once, needs no look-ups of their own and no rows to be kept; all others go one by one.
"""

from __future__ import annotations

from collections.abc import Sequence

from service.domain.lead import StoredLead
from service.domain.lead_record import account_of
from service.errors import BadInput
from service.importers.rows import Row, RowError
from service.schemas.signup import Signup
from service.store.leads import first_seen, imports, leads, personal_data
from service.use_cases.intake.bounces import take_bounce
from service.use_cases.intake.erased import find_company_again, keys_of
from service.use_cases.intake.signups import (
    Given,
    blurred_of,
    names_of,
    read_signup,
    store_signup,
    tells_of_a_deal,
)
from service.use_cases.intake.taking import Batch
from service.use_cases.leads import identity
from service.use_cases.tx import Tx

_WAS_ERASED = "was_erased: this person was erased; who signed up anew is taken with --erased take"


def take_leads(tx: Tx, batch: Batch, rows: Sequence[Row]) -> None:
    """Take the leads of some rows."""
    givens: list[tuple[Row, Given]] = []
    for row in rows:
        try:
            givens.append((row, _given(tx, batch, row)))
        except BadInput as error:
            batch.refused.append((row, str(error)))
    named = [set(names_of(given)) for _, given in givens]
    known = first_seen.known_names(tx.connection, set().union(*named))
    keys = [keys_of(tx.runtime, given.signup.id, given.email_key) for _, given in givens]
    blurred = [blurred_of(tx.runtime, given) for _, given in givens]
    left = personal_data.accounts_among(tx.connection, {name for name in blurred if name})
    gone: set[str] = set()
    if not batch.takes_erased:
        gone = personal_data.erased_among(tx.connection, [key for mine in keys for key in mine])
    for (row, given), names, mine, company in zip(givens, named, keys, blurred, strict=True):
        if not gone.isdisjoint(mine):
            batch.refused.append((row, _WAS_ERASED))
            continue
        # a deal is its whole account's, so what colleagues were is kept too
        is_stranger = known.isdisjoint(names) and not tells_of_a_deal(given) and company not in left
        if not is_stranger or tx.runtime.board.looks_afresh:
            tx.flush()  # what is looked up now must see the rows before
        try:
            is_new = _keep_and_store(tx, batch, given, is_stranger=is_stranger)
            if row.is_dead and given.email_key is not None:
                _note_dead(tx, batch, given.email_key, row.line.number)
        except (RowError, BadInput) as error:
            batch.refused.append((row, str(error)))
        else:
            known |= names
            batch.taken += 1
            batch.made += is_new
            batch.told.update((told["field"], told["message"]) for told in given.warnings)


def _note_dead(tx: Tx, batch: Batch, key: str, line: int) -> None:
    """The file says that mail to this address came back."""
    tx.flush()
    take_bounce(tx, (key,), id=f"{batch.id}:{line}", kind="hard", at=tx.now)


def _given(tx: Tx, batch: Batch, row: Row) -> Given:
    assert isinstance(row.body, Signup)
    message = batch.message(row.line.number)
    return read_signup(tx.runtime, row.body, message, row.raw, facts=row.facts)


def _keep_and_store(tx: Tx, batch: Batch, given: Given, *, is_stranger: bool) -> bool:
    """Whether the lead is a new one. Raises RowError, BadInput."""
    if is_stranger:
        imports.insert_newcomer(tx.connection, batch.id, given.made_id, _account(given, None))
        batch.kept.add(given.made_id)
    else:
        _keep_known(tx, batch, given)
    taken = store_signup(
        tx, given, redeems=False, is_stranger=is_stranger, takes_erased=True, as_of=tx.now
    )
    return not taken.is_duplicate


def _keep_known(tx: Tx, batch: Batch, given: Given) -> None:
    """Keep how everything was of somebody of whom something is stored. Raises RowError."""
    signup = given.signup
    found = given.match(tx.connection)
    if found.same:
        raise RowError("names two leads; say by a sign-up call that they are one person")
    lead_id = found.lead or given.made_id
    known = None if found.lead is None else leads.find(tx.connection, found.lead)
    if known is not None and signup.id not in (None, known.id):
        raise RowError("its external id or mail address is another lead's")
    company = _account(given, known)
    if company is not None and (known is None or known.account != company):
        find_company_again(tx, company)  # before anything is kept: it stays when this is undone
    if not batch.keeps(lead_id):
        account = _account(given, known)
        waiting = (*found.new_ids, (identity.LEAD, signup.id or lead_id))
        if given.email_key is not None:
            waiting = (*waiting, (identity.EMAIL, given.email_key))
        imports.insert_snapshot(tx.connection, batch.id, lead_id, account, waiting)
        batch.kept.add(lead_id)
    before = None if known is None else known.account
    account = _account(given, known)
    if tells_of_a_deal(given) or (known is not None and before != account):
        for name in {account, before}:
            batch.keep_account(tx.connection, name)


def _account(given: Given, known: StoredLead | None) -> str | None:
    account = account_of(given.contact, identity.company_id(given.signup.external_ids))
    return account or (None if known is None else known.account)
