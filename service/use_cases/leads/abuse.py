"""Signs that a lead is an earlier one again: derived here, never believed from a form.

One query looks for leads that came before and share the mailbox (also behind a `+` tag), the
payment reference, the account or the mail domain.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from offers.situation import Value
from service.domain.lead import StoredLead
from service.store.leads import duplicates
from service.store.leads.duplicates import Earlier
from service.use_cases.leads.lead_context import LeadContext
from service.use_cases.tx import Tx


def signs(tx: Tx, case: LeadContext) -> dict[str, Value]:
    """The abuse facts of a lead."""
    lead = case.stored
    before = duplicates.earlier(tx.connection, lead)
    length = timedelta(days=tx.runtime.settings.trial_days_when_unknown)
    ended = [each for each in before if _ended_at(each, length) <= case.trial_started_at]
    strangers = [each for each in before if _company(each) != _company(lead)]
    at_domain = {each.id for each in strangers if _names(each) & _names(lead)}
    return {
        "alias_mailbox": any(_is_alias(each, lead) for each in before),
        "shared_payment_reference": any(
            each.payment_key is not None and each.payment_key == lead.payment_key
            for each in strangers
        ),
        "earlier_trials": len(ended) + int(lead.record.get("ended_trials", 0)),
        "offer_at_domain": duplicates.had_an_offer(tx.connection, at_domain),
    }


def _is_alias(each: Earlier, lead: StoredLead) -> bool:
    if each.email_key == lead.email_key:
        return False  # the same address twice is a second trial, not an alias
    mine, theirs = _mailbox(lead), _mailbox(each)
    return mine is not None and mine == theirs


def _mailbox(lead: StoredLead | Earlier) -> str | None:
    return lead.mailbox_key or lead.email_key


def _company(lead: StoredLead | Earlier) -> str:
    return lead.account or lead.pseudonym


def _names(lead: StoredLead | Earlier) -> set[str]:
    return {name for name in (lead.account, lead.domain) if name is not None}


def _ended_at(each: Earlier, length: timedelta) -> datetime:
    fields = each.fields
    started, ends = fields.get("trial_started_at"), fields.get("trial_ends_at")
    if ends is not None:
        end = datetime.fromisoformat(ends)
    else:
        end = (each.moment if started is None else datetime.fromisoformat(started)) + length
    return end if each.outcome_at is None else min(end, each.outcome_at)
