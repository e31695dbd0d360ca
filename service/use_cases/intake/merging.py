"""Two leads turn out to be one person: the older id stays, and everything of both is its own.

What holds of either holds of the one: the stricter arm of the holdout, an unsubscription, the
last touch. What was assigned to each stays as it was. Its offers count together, and of two open
ones the older stays.
"""

from __future__ import annotations

from datetime import datetime

from service.auth.keyring import Caller
from service.db.tables.leads import OPEN_STATES
from service.domain.lead import StoredLead
from service.domain.lead_record import Record, contact_of, merged
from service.domain.lead_status import after_outcome, latest
from service.errors import Conflict
from service.store.leads import leads, merging
from service.store.offers import merged_accounts, offers
from service.store.offers.offers import NOT_TAKEN, StoredOffer
from service.use_cases.intake.addresses import carry_word, withdraw_from_old
from service.use_cases.intake.profiling import objects, withdraw_chosen
from service.use_cases.intake.telling import ask_to_unite
from service.use_cases.leads import identity
from service.use_cases.leads.account_talks import moved
from service.use_cases.leads.company_gain import settle_company
from service.use_cases.leads.identity import is_made
from service.use_cases.leads.screened import with_calls
from service.use_cases.offers import lifecycle
from service.use_cases.offers.situation import account_key
from service.use_cases.reports.leaving import settle_merged
from service.use_cases.tx import Tx

_MERGER = Caller(key="merger", role="admin")


def merge(tx: Tx, one: str, other: str) -> StoredLead:
    """The one lead of two, stored but not settled. Both must be there."""
    first, second = (leads.lock(tx.connection, id) for id in sorted((one, other)))
    assert first is not None
    assert second is not None
    kept, gone = sorted((first, second), key=_age)
    united_lead = _united(kept, gone, tx.now)
    carry_word(tx, gone, kept)
    for before in (gone, kept):
        withdraw_from_old(tx, before, united_lead.email_key)
    merging.move(tx.connection, gone.id, kept.id, tx.now)
    merging.move_place(tx.connection, gone.id, kept.id, tx.now)
    united_lead = with_calls(tx, united_lead)
    merging.alias(tx.connection, identity.LEAD, gone.id, kept.id)
    merging.alias(tx.connection, identity.REF, gone.pseudonym, kept.id)
    merging.delete(tx.connection, gone.id)
    ask_to_unite(tx, gone.id, kept.id)
    leads.update(tx.connection, united_lead, tx.now)
    moved(tx, gone, united_lead)
    moved(tx, kept, united_lead)
    if gone.account != united_lead.account:
        settle_company(tx, gone.account, but_for=gone.id)
    for before in (gone, kept):
        _unite(tx, account_key(before), account_key(united_lead))
    settle_merged(tx, gone, kept, united_lead)
    if objects(united_lead):
        withdraw_chosen(tx, united_lead)
    return united_lead


def find_company(tx: Tx, before: StoredLead, after: StoredLead) -> None:
    """What a lead by itself was offered counts for the company it turned out to be of.

    Where a colleague there has an open offer, that stays: the lead's own is withdrawn, or stays its
    own where it was accepted.
    """
    if before.account is not None or after.account is None:
        return
    old_key, key = account_key(before), account_key(after)
    offers.lock_issuing(tx.connection)
    if offers.open_of(tx.connection, key):
        for offer in offers.open_of(tx.connection, old_key):
            if offer.state not in NOT_TAKEN:
                return
            lifecycle.withdraw(tx, offer.id, _MERGER)
    merging.move_offers(tx.connection, old_key, key)


def _unite(tx: Tx, old_key: str, key: str) -> None:
    """Two accounts are one: their offers, and the arms of an experiment they fell into."""
    if old_key == key:
        return
    offers.lock_issuing(tx.connection)
    _keep_one_open(tx, (old_key, key))
    merging.move_offers(tx.connection, old_key, key)
    merged_accounts.merge(tx.connection, old_key, key, tx.now)


def _united(kept: StoredLead, gone: StoredLead, now: datetime) -> StoredLead:
    record = merged(kept.record, gone.record, now)
    addressed = _whose_address(kept, gone, record)
    rollups = [lead.counters for lead in (kept, gone) if lead.counters is not None]
    rollup = None
    for part in rollups:
        rollup = part if rollup is None else rollup.merge(part)
    stored = kept._replace(
        account=kept.account or gone.account,
        email_key=addressed.email_key,
        mailbox_key=addressed.mailbox_key,
        payment_key=kept.payment_key or gone.payment_key,
        domain=kept.domain or gone.domain,
        received_at=min(kept.received_at, gone.received_at),
        hot_at=max(kept.hot_at, gone.hot_at),
        rests_until=latest(kept.rests_until, gone.rests_until),
        reopened_at=latest(kept.reopened_at, gone.reopened_at),
        touched_at=latest(kept.touched_at, gone.touched_at),
        asked_for_rep_at=latest(kept.asked_for_rep_at, gone.asked_for_rep_at),
        rep=kept.rep or gone.rep,
        credit=kept.credit or gone.credit,
    )
    contact = contact_of(record)
    later = latest(kept.call_back_at, gone.call_back_at)
    call_back = kept if later == kept.call_back_at else gone
    stored = stored.with_record(record).with_contact(contact).with_counters(rollup)
    stored = stored._replace(phone=contact.phone_e164)
    stored = stored.with_call_back(call_back.call_back_at, call_back.call_back_by)
    if gone.outcome is not None and gone.outcome_at is not None:
        stored = after_outcome(stored, kind=gone.outcome, at=gone.outcome_at)
    return stored


def _whose_address(kept: StoredLead, gone: StoredLead, record: Record) -> StoredLead:
    """The lead whose address the one of two has."""
    email = record["fields"].get("email")
    return gone if kept.fields.get("email") != email or email is None else kept


def _age(lead: StoredLead) -> tuple[datetime, bool, str]:
    """The older first; of two as old, the one whose id its sender gave."""
    return lead.moment, is_made(lead.id), lead.id


def _keep_one_open(tx: Tx, keys: tuple[str, str]) -> None:
    """Withdraw the newer of two open offers; one that was ordered on account, else accepted, is
    owed and stays."""
    held = [offer for key in keys for offer in offers.open_of(tx.connection, key)]
    held.sort(key=_what_stays_first)
    for offer in held[1:]:
        if offer.state not in OPEN_STATES:
            continue
        try:
            lifecycle.withdraw(tx, offer.id, _MERGER, even_on_account=True)
        except Conflict:
            continue  # two accepted ones are both owed


def _what_stays_first(offer: StoredOffer) -> tuple[bool, bool, datetime, int]:
    return offer.on_account is None, offer.state != "accepted", offer.issued_at, offer.number
