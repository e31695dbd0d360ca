"""A referral: somebody signs up and names who sent them, by a lead, an offer's code or its link.

It links the two and is no ground to write: the friend is mailed on a ground of their own only. It
counts for the referrer's company, never the person, once for each other company that tries us.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from service.domain.lead import StoredLead
from service.errors import NotFound
from service.store.leads import leads
from service.store.offers import offers, referrals
from service.store.offers.offers import StoredOffer
from service.use_cases.leads import identity
from service.use_cases.leads.lead_context import open_lead
from service.use_cases.tx import Tx


def note_referral(tx: Tx, friend: str, named: str) -> bool:
    """Keep who sent a lead; whether what they named is one of ours."""
    referrer = _named(tx, named.strip())
    if referrer is None or referrer == friend:
        return False
    referrals.note(tx.connection, friend, referrer, tx.now)
    return True


def friends_on_trial(tx: Tx, lead: StoredLead, stored: StoredOffer, as_of: datetime) -> int:
    """The other companies that an offer's company sent since it was issued and that try us.

    Who shares the mailbox or the payment reference of one of its people is no other.
    """
    since = stored.issued_at
    sent = referrals.friends_of(tx.connection, lead.id, lead.account, since=since, until=as_of)
    own = [lead] if lead.account is None else leads.of_account(tx.connection, lead.account)
    found = (identity.find(tx.connection, lead=friend, ids=()) for friend in sent)
    friends = leads.some(tx.connection, {each for each in found if each is not None})
    return len(
        {
            _company(friend)
            for friend in friends
            if not _is_one_of(friend, own) and open_lead(friend).trial_started_at <= as_of
        }
    )


def _is_one_of(friend: StoredLead, own: Iterable[StoredLead]) -> bool:
    return any(
        _company(friend) == _company(each)
        or set(friend.mailbox_keys) & set(each.mailbox_keys)
        or (friend.payment_key is not None and friend.payment_key == each.payment_key)
        for each in own
    )


def _company(lead: StoredLead) -> str:
    return lead.account or lead.pseudonym


def _named(tx: Tx, named: str) -> str | None:
    """The lead that a lead's id, an offer's id or code, or an offer's link names."""
    if "/o/" in named:
        try:
            named = tx.runtime.links.read_offer(named.rsplit("/o/", 1)[1].partition("?")[0])
        except NotFound:
            return None
    lead = identity.find(tx.connection, lead=named, ids=())
    if lead is not None:
        return lead
    offer = offers.find(tx.connection, named)
    return None if offer is None else offer.lead
