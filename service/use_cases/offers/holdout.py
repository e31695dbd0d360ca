"""Which arm of the holdout an account is in: drawn when an offer is first due to it, and kept.
Which size of an extra it gets is drawn beside it.

The draw is a salted hash, so it is the same whenever it is asked for; the share of controls it is
held against may be larger while the rule that is due is young.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from offers.concession_days import ConcessionDays
from offers.decide import decide_offer
from offers.holdout import Assignment, assign, planned_accounts, share_of
from offers.policy import Policy
from offers.situation import Situation
from offers.sizes import size_draw
from service.store.offers import effect_plans, holdout
from service.store.offers.effect_plans import EffectPlan
from service.use_cases.tx import Tx


def placed(
    tx: Tx, policy: Policy, account: str, situation: Situation, past: tuple[ConcessionDays, ...]
) -> Situation:
    """The situation with the account's arm, as assigned before or as it would fall now."""
    limits = policy.guardrails
    if any(rule.sized for rule in policy.rules):
        situation = {**situation, "size_draw": size_draw(account, policy.id)}
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


def fix_readings(connection: sa.Connection, policy: Policy, now: datetime) -> None:
    """Fix when a policy's effect is read, at its publication or its first assignment.

    Where somebody is held out, and once: a later version of it moves nothing.
    """
    planned = planned_accounts(policy)
    if planned is None:
        return
    plan = EffectPlan(
        policy_id=policy.id, readings=policy.readings.count, planned=planned, fixed_at=now
    )
    effect_plans.fix(connection, plan)
