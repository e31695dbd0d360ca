"""The tables of policies and offers: who may get what, what was issued, what it used up."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, Column, Index, Text

from offers.lifecycle import OPEN
from service.db.column_types import Serial, UtcTime, metadata

offers = sa.Table(
    "offers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("number", BigInteger, nullable=False, unique=True),
    Column("code", Text),  # what the customer says at the checkout
    Column("lead", Text, nullable=False, index=True),
    Column("account", Text, nullable=False, index=True),  # or the lead's own reference
    Column("rule", Text, nullable=False),
    Column("policy_id", Text, nullable=False),
    Column("policy_version", Text, nullable=False),
    Column("terms", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("approved_by", Text),
    Column("invoice", Text),
    Column("reserve_minor", BigInteger, nullable=False),
    Column("settled_minor", BigInteger),
    Column("missed", Text),  # what the last order lacked, a JSON list
    Column("missed_orders", Text),  # those orders, a JSON list
    Column("on_account", Text),  # an order that is paid later: its terms, JSON
    Column("late_days", BigInteger),  # how long after its due date it was paid
    Column("accepted", Text),  # seats, time and quote that the customer took, JSON
    Column("declined", Text),  # the customer's reason, of a list
    Column("issued_at", UtcTime, nullable=False, index=True),
    Column("ends_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Column("undone_at", UtcTime),  # taken back before it left: the account never had it
)
OPEN_STATES = ("awaiting_approval", *OPEN)
Index(
    "uq_offers_open_account",
    offers.c.account,
    unique=True,
    sqlite_where=offers.c.state.in_(OPEN_STATES),
    postgresql_where=offers.c.state.in_(OPEN_STATES),
)
Index("ix_offers_changed_at", offers.c.changed_at, offers.c.lead)
Index(
    "ix_offers_declined",
    offers.c.changed_at,
    offers.c.declined,
    offers.c.account,
    sqlite_where=offers.c.declined.is_not(None),
    postgresql_where=offers.c.declined.is_not(None),
)
Index("uq_offers_code", offers.c.code, unique=True)
Index("ix_offers_state_ends_at", offers.c.state, offers.c.ends_at)
Index("ix_offers_state_number", offers.c.state, offers.c.number)
Index(
    "ix_offers_sums",
    *(offers.c[name] for name in ("policy_id", "rule", "state", "settled_minor", "reserve_minor")),
    offers.c.undone_at,
)

remarks = sa.Table(
    "remarks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("offer", Text, nullable=False, index=True),
    Column("lead", Text, nullable=False, index=True),
    Column("kind", Text, nullable=False),  # question, call, decline or approval
    Column("words", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
)

redemptions = sa.Table(
    "redemptions",
    metadata,
    Column("offer", Text, primary_key=True),  # whose code is used up, for good
    Column("account", Text, nullable=False),
    Column("invoice", Text, nullable=False),
    Column("source", Text, nullable=False, server_default="orders"),  # whose invoice: see store
    Column("subscription", Text),
    Column("commitment_until", UtcTime),
    Column("at", UtcTime, nullable=False),
)
Index(
    "uq_redemptions_source_invoice", redemptions.c.source, redemptions.c.invoice, unique=True
)  # one order, one offer
Index("ix_redemptions_account", redemptions.c.account)
Index("ix_redemptions_at", redemptions.c.at)
Index("ix_redemptions_subscription", redemptions.c.subscription)

tasks = sa.Table(
    "tasks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("offer", Text, nullable=False, index=True),
    Column("kind", Text, nullable=False),  # as in `TaskAnswer`
    Column("give", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("recipe", Text, nullable=False),
    Column("state", Text, nullable=False),  # open, requested (of a machine), done or dropped
    Column("made_at", UtcTime, nullable=False),
    Column("due_at", UtcTime),
    Column("ended_at", UtcTime),
    Column("ended_by", Text),
    Column("reason", Text),  # what kept a machine from doing it
    Column("failed_at", UtcTime),  # when we heard of that
)
Index("ix_tasks_state_made_at", tasks.c.state, tasks.c.made_at)

presented_codes = sa.Table(
    "presented_codes",
    metadata,
    Column("code", Text, primary_key=True),  # in its normal form
    Column("account_key", Text, primary_key=True),  # a keyed hash of the account
    Column("is_stranger", sa.Boolean, nullable=False),  # whether no partner had given it to them
    Column("at", UtcTime, nullable=False),
)

referrals = sa.Table(
    "referrals",
    metadata,
    Column("friend", Text, primary_key=True),  # the lead that was sent
    Column("lead", Text, nullable=False, index=True),  # who sent it
    Column("at", UtcTime, nullable=False),
    Column("is_settled", sa.Boolean, nullable=False, index=True),  # the referrer's offers know
)

live_days = sa.Table(
    "live_days",
    metadata,
    Column("policy_version", Text, primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("day", Text, primary_key=True),  # on which it conceded something, in UTC
    Column("gives", Text, nullable=False),  # kinds, with spaces between
    Column("condition", Text, nullable=False),
)
Index("ix_live_days_day", live_days.c.day)

ledger = sa.Table(
    "ledger",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("offer", Text, nullable=False, index=True),
    Column("step", Text, nullable=False),
    Column("facts", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("hash", Text, nullable=False),
)

limits = sa.Table(
    "limits",
    metadata,
    Column("name", Text, primary_key=True),  # budget, open_offers or rep:…
    Column("period", Text, primary_key=True),  # a month, or empty
    Column("used", BigInteger, nullable=False),
)

policies = sa.Table(
    "policies",
    metadata,
    Column("version", Text, primary_key=True),  # a hash of the text
    Column("policy_id", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)

publications = sa.Table(
    "publications",
    metadata,
    Column("number", Serial, primary_key=True),
    Column("version", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("proof", Text, nullable=False),
    Column("is_restored", Boolean, nullable=False),
    Column("at", UtcTime, nullable=False),
)

assignments = sa.Table(
    "assignments",
    metadata,
    Column("account", Text, primary_key=True),  # or the lead's own reference
    Column("policy_id", Text, primary_key=True),  # what salts the arms
    Column("arm", Text, nullable=False),
    Column("propensity", Text, nullable=False),  # of this arm, an exact decimal
    Column("policy_version", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("terms", Text, nullable=False),  # the offer, or what a control would have got
    Column("lead", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("score_hundredths", BigInteger),  # of the lead then
    Column("dose", Text),  # the size drawn, among which, and its chance: JSON; null without
)
Index("ix_assignments_rule_at", assignments.c.rule, assignments.c.at)

effect_plans = sa.Table(
    "effect_plans",
    metadata,
    Column("policy_id", Text, primary_key=True),
    Column("readings", BigInteger, nullable=False),
    Column("planned", BigInteger, nullable=False),  # accounts
    Column("fixed_at", UtcTime, nullable=False),
)

effect_readings = sa.Table(
    "effect_readings",
    metadata,
    Column("policy_id", Text, primary_key=True),
    Column("rule", Text, primary_key=True),  # or empty: of all offers
    Column("accounts", BigInteger, primary_key=True),
    Column("low", sa.Float),  # null where an arm had too few accounts
    Column("high", sa.Float),
    Column("at", UtcTime, nullable=False),
)

merged_accounts = sa.Table(
    "merged_accounts",
    metadata,
    Column("account", Text, primary_key=True),
    Column("kept", Text, nullable=False, index=True),  # which is merged into nothing itself
    Column("at", UtcTime, nullable=False),
)
