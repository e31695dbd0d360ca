"""A file's rows come in through the same doors as the webhooks' bodies, and can be taken back.

Before a row changes a lead, the lead's rows are kept as they are; undoing puts them back, unless
somebody else told something of the lead since. An import merges no leads and redeems no offers:
a row that would is refused, or leaves that part out. A refund takes an offer back as anywhere, and
gives it back when it is undone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.db.engines import overwrite_what_is_freed
from service.domain.search_terms import search_terms
from service.errors import Conflict, NotFound
from service.importers.rows import Row
from service.schemas.facts import Event
from service.schemas.signup import Signup
from service.schemas.subscriptions import Subscription
from service.store.leads import imports, leads, search
from service.store.ops import outbox
from service.use_cases.intake.erased import forget_company
from service.use_cases.intake.import_facts import take_events, take_facts
from service.use_cases.intake.import_leads import take_leads
from service.use_cases.intake.import_subscriptions import take_subscriptions
from service.use_cases.intake.taking import Batch, Taking
from service.use_cases.offers.refunds import hold_again
from service.use_cases.tx import Tx

_LOOKED_AT_AGAIN = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """What taking an import back did."""

    put_back: int
    kept: tuple[str, ...]
    """Leads of which something else was told since: they stay as they are."""
    facts: int
    again: int
    """Other leads that were below the cut-off since the import: the worker decides them again."""


def take_rows(tx: Tx, taking: Taking, rows: Sequence[Row]) -> Batch:
    """Take some rows of one file in one transaction; nothing counts before that is committed."""
    batch = taking.begin()
    match rows[0].body:
        case Signup():
            take_leads(tx, batch, rows)
        case Event():
            take_events(tx, batch, rows)
        case Subscription():
            take_subscriptions(tx, batch, rows)
        case _:
            take_facts(tx, batch, rows)
    return batch


def undo(tx: Tx, id: str) -> Undone:
    """Take an import back. Raises NotFound, and Conflict when it was taken back already."""
    found = imports.find(tx.connection, id)
    if found is None:
        raise NotFound("unknown_import", "there is no such import; see `giveget import list`")
    if found.state == "undone":
        raise Conflict("import_undone", "this import was taken back already")
    overwrite_what_is_freed(tx.connection)
    put_back, kept, companies = 0, [], set()
    refunded = imports.refunded(tx.connection, id)
    for number, lead in imports.snapshots(tx.connection, id):
        if imports.has_moved_on(tx.connection, id, number, lead):
            kept.append(lead)
            continue
        companies.add(imports.put_back(tx.connection, number, lead))
        stored = leads.find(tx.connection, lead)
        words = frozenset[str]() if stored is None else search_terms(stored)
        search.renew(tx.connection, lead, words)
        put_back += 1
    for company in sorted(name for name in companies if name is not None):
        forget_company(tx, company)
    for invoice in sorted(refunded):
        hold_again(tx, invoice, id)
    outbox.take_out_bounces(tx.connection, id)
    gone = imports.take_out_facts(tx.connection, id)
    imports.count(tx.connection, id, state="undone", taken=found.taken, rejected=found.rejected)
    imports.forget(tx.connection, id)
    again = leads.look_again_below(tx.connection, tx.now, since=found.at, limit=_LOOKED_AT_AGAIN)
    tx.audit("import.undone", id, leads=put_back, kept=len(kept))
    return Undone(put_back=put_back, kept=tuple(dict.fromkeys(kept)), facts=gone, again=again)
