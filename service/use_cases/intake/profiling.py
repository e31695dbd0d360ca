"""Who objects to profiling loses what was chosen by their score, at once."""

from __future__ import annotations

from service.auth.keyring import Caller
from service.domain.lead import StoredLead
from service.store.offers import offers
from service.store.offers.offers import NOT_TAKEN, StoredOffer
from service.use_cases.offers import lifecycle
from service.use_cases.tx import Tx

_OBJECTION = Caller(key="objection", role="admin")
_BY_SCORE = frozenset(("grade", "fit_grade", "points", "probability", "lane"))
"""Facts that rest on the score; the lane is chosen by it."""


def objects(lead: StoredLead) -> bool:
    """Whether this person said that they must not be scored."""
    return lead.record.get("do_not_profile") is True


def withdraw_chosen(tx: Tx, lead: StoredLead) -> None:
    """Take back the lead's open offers that a score chose; one it accepted is owed and stays."""
    for offer in offers.of_lead(tx.connection, lead.id):
        if offer.state in NOT_TAKEN and _is_by_score(tx, offer):
            lifecycle.withdraw(tx, offer.id, _OBJECTION)


def _is_by_score(tx: Tx, offer: StoredOffer) -> bool:
    """Whether its rule looks at the score; of a rule that is no longer served we cannot say no."""
    policy = tx.runtime.policy
    if policy.version != offer.policy_version:
        return True
    return bool(policy.rule(offer.rule).facts & _BY_SCORE)
