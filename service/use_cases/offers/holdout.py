"""Which arm of the holdout an account is in: drawn when an offer is first due to it, and kept.

The draw is a salted hash, so it is the same whenever it is asked for; the share of controls it is
held against may be larger while the rule that is due is young.
"""

from __future__ import annotations

from datetime import datetime

from offers.concession_days import ConcessionDays
from offers.decide import decide_offer
from offers.holdout import Assignment, assign, share_of
from offers.policy import Policy
from offers.situation import Situation
from service.store.offers import holdout
from service.use_cases.tx import Tx


def placed(
    tx: Tx, policy: Policy, account: str, situation: Situation, past: tuple[ConcessionDays, ...]
) -> Situation:
    """The situation with the account's arm, as assigned before or as it would fall now."""
    limits = policy.guardrails
    if not (limits.holdout or limits.holdout_while_young):
        return {**situation, "arm": "offer"}
    arm = holdout.arm_of(tx.connection, account, policy.id)
    if arm is None:
        due = None
        if limits.holdout_while_young:
            due = decide_offer({**situation, "arm": "offer"}, policy, tx.now, past)
        arm = drawn(policy, account, None if due is None else due.rule, tx.now).arm
    return {**situation, "arm": arm}


def drawn(policy: Policy, account: str, rule: str | None, now: datetime) -> Assignment:
    """The arm an account falls into when this rule is the first that is due, and its chance."""
    found = None if rule is None else policy.rule(rule)
    return assign(account, policy.id, share_of(policy, found, policy.day(now)))
