"""Every table, its keys, and the indexes that keep the queue and due work flat.

Text holds JSON we wrote ourselves (`record`, `contact`, `score` …): the same bytes on both stores.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, Text

from service.db.column_types import Serial, UtcTime
from service.db.column_types import metadata as metadata
from service.db.tables.accounts import account_ledger as account_ledger
from service.db.tables.accounts import channel_costs as channel_costs
from service.db.tables.accounts import people_said as people_said
from service.db.tables.accounts import renewal_forecasts as renewal_forecasts
from service.db.tables.accounts import targets as targets
from service.db.tables.consents import consents as consents
from service.db.tables.crm import crm_records as crm_records
from service.db.tables.imports import import_facts as import_facts
from service.db.tables.imports import import_snapshots as import_snapshots
from service.db.tables.imports import imports as imports
from service.db.tables.jobs import deliveries as deliveries
from service.db.tables.kept_figures import kept_counts as kept_counts
from service.db.tables.kept_figures import kept_lives as kept_lives
from service.db.tables.kept_figures import kept_orders as kept_orders
from service.db.tables.kept_figures import kept_renewals as kept_renewals
from service.db.tables.kept_figures import kept_seats as kept_seats
from service.db.tables.kept_figures import kept_sums as kept_sums
from service.db.tables.kept_figures import lead_counts as lead_counts
from service.db.tables.kept_figures import stale_figures as stale_figures
from service.db.tables.models import bases as bases
from service.db.tables.offers import OPEN_STATES as OPEN_STATES
from service.db.tables.offers import assignments as assignments
from service.db.tables.offers import effect_plans as effect_plans
from service.db.tables.offers import effect_readings as effect_readings
from service.db.tables.offers import ledger as ledger
from service.db.tables.offers import limits as limits
from service.db.tables.offers import live_days as live_days
from service.db.tables.offers import merged_accounts as merged_accounts
from service.db.tables.offers import offers as offers
from service.db.tables.offers import policies as policies
from service.db.tables.offers import presented_codes as presented_codes
from service.db.tables.offers import publications as publications
from service.db.tables.offers import redemptions as redemptions
from service.db.tables.offers import referrals as referrals
from service.db.tables.offers import remarks as remarks
from service.db.tables.offers import tasks as tasks
from service.db.tables.people import audit as audit
from service.db.tables.people import erasures as erasures
from service.db.tables.people import people as people
from service.db.tables.people import sessions as sessions
from service.db.tables.people import shadows as shadows
from service.db.tables.reports import report_letters as report_letters
from service.db.tables.reports import report_objections as report_objections
from service.db.tables.reports import report_orders as report_orders
from service.db.tables.reports import report_readers as report_readers
from service.db.tables.reports import reports as reports

keys = sa.Table(
    "keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("rep", Text),
    Column("person", Text),  # whose it is, where that was said
    Column("created_at", UtcTime, nullable=False),
    Column("revoked_at", UtcTime),
    Column("used_at", UtcTime),  # to a minute
)

key_secrets = sa.Table(
    "key_secrets",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("key", Text, nullable=False, index=True),
    Column("secret_hash", Text, unique=True),  # people's secrets
    Column("signing_secret", Text),  # ingest secrets, sealed: no hash checks a signature
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime),
)

secrets = sa.Table(
    "secrets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

messages = sa.Table(
    "messages",
    metadata,
    Column("sender", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("body_hash", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("answer", Text, nullable=False),
    Column("received_at", UtcTime, nullable=False),
)

accounts = sa.Table(
    "accounts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("rep", Text),
    Column("paying_since", UtcTime),
    Column("open_deal_since", UtcTime),
    Column("touched_at", UtcTime),  # the newest touch of any of its leads
    Column("created_at", UtcTime, nullable=False),
)

leads = sa.Table(
    "leads",
    metadata,
    Column("id", Text, primary_key=True),
    Column("ref", Text, nullable=False, unique=True),  # the pseudonym in ledger and links
    Column("account", Text),
    Column("email_key", Text),
    Column("mailbox_key", Text),  # of the plain address, where this one is an alias
    Column("payment_key", Text),  # of the payment reference
    Column("domain", Text),  # of the company, where the account is named otherwise
    Column("record", Text, nullable=False),
    Column("contact", Text, nullable=False),
    Column("rollup", Text),
    Column("received_at", UtcTime, nullable=False),
    Column("moment", UtcTime, nullable=False),  # the sign-up, never later than its receipt
    Column("score", Text),
    Column("hundredths", BigInteger),
    Column("grade", Text),
    Column("scored_at", UtcTime, nullable=False),  # when anything of it changed last
    Column("gain_minor", BigInteger, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("worth", Float, nullable=False),  # ln of the expected gain per rep minute
    Column("hot_at", UtcTime, nullable=False),
    Column("lane", Text, nullable=False),
    Column("lane_why", Text, nullable=False),
    Column("unreached", Text),  # why the lead is in no queue
    Column("look_again_at", UtcTime),
    Column("rests_until", UtcTime),
    Column("rep", Text, index=True),
    Column("touched_at", UtcTime),
    Column("asked_for_rep_at", UtcTime),  # a reply or a booked meeting
    Column("outcome", Text),
    Column("outcome_at", UtcTime),
    Column("reopened_at", UtcTime),  # a reply, a booking or hot signals after it was lost
    Column("credit", Text),  # the rep it was last given to, also when an offer closes it
    Column("erased_at", UtcTime),
    Column("unclaimed_at", UtcTime),  # when nobody had taken it from the pool either
    Column("phone", Text),  # in E.164: whose number somebody called
)
Index("ix_leads_scored_at", leads.c.scored_at, leads.c.id)  # what the tools are told of
Index("ix_leads_received_at_worth", leads.c.received_at, leads.c.worth, leads.c.minutes)
# a list walks it and looks up the rows it shows only, whatever it is filtered by
Index(
    "ix_leads_filters",
    leads.c.received_at.desc(),
    *(leads.c[name] for name in ("id", "lane", "rep", "grade", "outcome", "erased_at")),
    leads.c.hundredths,
)
Index(
    "ix_leads_outcome_received_at",
    leads.c.outcome,
    leads.c.received_at.desc(),
    *(leads.c[name] for name in ("id", "lane", "rep", "grade", "erased_at", "hundredths")),
    sqlite_where=leads.c.outcome.is_not(None),
    postgresql_where=leads.c.outcome.is_not(None),
)
# leads without one share nothing: in an index they would make every value look common
for _trace in (
    leads.c.account,
    leads.c.email_key,
    leads.c.mailbox_key,
    leads.c.payment_key,
    leads.c.domain,
    leads.c.phone,
):
    Index(
        f"ix_leads_{_trace.name}",
        _trace,
        sqlite_where=_trace.is_not(None),
        postgresql_where=_trace.is_not(None),
    )
Index(
    "ix_leads_outcome_at",
    leads.c.outcome_at,
    leads.c.outcome,
    sqlite_where=leads.c.outcome.is_not(None),
    postgresql_where=leads.c.outcome.is_not(None),
)
Index(
    "ix_leads_look_again_at",
    leads.c.look_again_at,
    sqlite_where=leads.c.look_again_at.is_not(None),
    postgresql_where=leads.c.look_again_at.is_not(None),
)
Index(
    "ix_leads_unreached_received_at",
    leads.c.unreached,
    leads.c.received_at.desc(),
    *(leads.c[name] for name in ("id", "erased_at")),
    sqlite_where=leads.c.unreached.is_not(None),
    postgresql_where=leads.c.unreached.is_not(None),
)

lane_changes = sa.Table(
    "lane_changes",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("lead", Text, nullable=False, index=True),
    Column("transition", Text, nullable=False, index=True),
    Column("lane", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
)

explorations = sa.Table(
    "explorations",
    metadata,
    Column("lead", Text, primary_key=True),  # the pseudonym
    Column("explored", Boolean, nullable=False),
    Column("propensity", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
)

objections = sa.Table(
    "objections",
    metadata,
    Column("id", Text, primary_key=True),
    Column("label", Text, nullable=False),
    Column("position", Integer, nullable=False),
)

search_terms = sa.Table(
    "search_terms",
    metadata,
    Column("term", Text(collation="C").with_variant(Text(), "sqlite"), primary_key=True),
    Column("lead", Text, primary_key=True, index=True),
    sqlite_with_rowid=False,
)

objection_answers = sa.Table(
    "objection_answers",
    metadata,
    Column("offer", Text, primary_key=True),
    Column("lead", Text, nullable=False, index=True),
    Column("objection", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
)

external_ids = sa.Table(
    "external_ids",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("lead", Text, nullable=False, index=True),
)

lead_versions = sa.Table(
    "lead_versions",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("lead", Text, nullable=False, index=True),
    Column("message", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("received_at", UtcTime, nullable=False),
)

scores = sa.Table(
    "scores",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("lead", Text, nullable=False, index=True),
    Column("at", UtcTime, nullable=False),
    Column("score", Text, nullable=False),
)

events = sa.Table(
    "events",
    metadata,
    Column("id", Text, primary_key=True),
    Column("lead", Text, index=True),
    Column("name", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("known_at", UtcTime, nullable=False),
    Column("properties", Text),
)

parked = sa.Table(
    "parked",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("what", Text, primary_key=True),  # event, touch, outcome or screening
    Column("id", Text, primary_key=True),
)

touches = sa.Table(
    "touches",
    metadata,
    Column("id", Text, primary_key=True),
    Column("lead", Text, index=True),
    Column("kind", Text, nullable=False),
    Column("by", Text),
    Column("at", UtcTime, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("note", Text),
)

screenings = sa.Table(
    "screenings",
    metadata,
    Column("id", Text, primary_key=True),
    Column("lead", Text, index=True),
    Column("result", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("by_machine", Boolean, nullable=False),
    Column("callback_at", UtcTime),
    Column("objection", Text),
    Column("answers", Text, nullable=False),
)
Index(
    "ix_screenings_objection",
    screenings.c.at,
    screenings.c.objection,
    screenings.c.lead,
    sqlite_where=screenings.c.objection.is_not(None),
    postgresql_where=screenings.c.objection.is_not(None),
)

outcomes = sa.Table(
    "outcomes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("lead", Text, index=True),
    Column("kind", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("body", Text, nullable=False),
)

reps = sa.Table(
    "reps",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text),
    Column("languages", Text, nullable=False),
    Column("countries", Text, nullable=False),
    Column("segments", Text, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("available", Boolean, nullable=False),
    Column("hours", Text),  # JSON; null: around the clock
    Column("absences", Text, nullable=False, server_default="[]"),  # JSON: first and last days
    Column("paused_at", UtcTime),  # let a lead pass its due time and did nothing else either
    Column("updated_at", UtcTime, nullable=False),
)

queue = sa.Table(
    "queue",
    metadata,
    Column("lead", Text, primary_key=True),
    Column("rep", Text),  # null: the pool
    Column("state", Text, nullable=False),  # waiting, held or snoozed
    Column("priority", Float, nullable=False),
    Column("gain_minor", BigInteger, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("free_at", UtcTime),  # the end of a lease or of a snooze
    Column("claim", Text, unique=True),
    Column("version", Integer, nullable=False),
    Column("entered_at", UtcTime, nullable=False),
    Column("returned", Integer, nullable=False),  # leases that ran out in silence
    Column("assigned_at", UtcTime),  # when it came to this rep, or to the pool
    Column("passed_by", Text, nullable=False, server_default="[]"),  # reps who let it wait
    Column("call_back_at", UtcTime),  # when the call that a rep promised is due
)
# partial, so that a claim changes few of them; a planner uses one only for a query that repeats
# its condition literally, not as a parameter
IS_WAITING = queue.c.state == sa.literal_column("'waiting'")
IS_TAKEN = queue.c.free_at.is_not(None)  # held or snoozed, until then
IS_CALLED_BACK = queue.c.call_back_at.is_not(None)
for _name, _columns, _where in (
    ("waiting_rep_priority", (queue.c.rep, queue.c.priority.desc()), IS_WAITING),
    ("waiting_rep_due_at", (queue.c.rep, queue.c.due_at), IS_WAITING),
    ("taken", (queue.c.free_at, queue.c.rep), IS_TAKEN),
    ("rep_call_back_at", (queue.c.rep, queue.c.call_back_at), IS_CALLED_BACK),
):
    Index(f"ix_queue_{_name}", *_columns, sqlite_where=_where, postgresql_where=_where)

claims = sa.Table(
    "claims",
    metadata,
    Column("id", Text, primary_key=True),
    Column("lead", Text, nullable=False, index=True),
    Column("rep", Text, nullable=False),
    Column("claimed_at", UtcTime, nullable=False),
    Column("due_at", UtcTime),  # by when it was to be answered; null in claims of before
    Column("ended_at", UtcTime),
    Column("ended", Text),  # done, released, snoozed or expired
    Column("disposition", Text),
    Column("objection", Text),
    Column("note", Text),
    Column("minutes", Integer, nullable=False),
    Column("gain_minor", BigInteger),
    Column("undo", Text),  # JSON: what stood before it ended, for as long as that can be taken back
)
Index("ix_claims_rep_claimed_at", claims.c.rep, claims.c.claimed_at)
Index(
    "ix_claims_objection",
    claims.c.ended_at,
    claims.c.objection,
    claims.c.lead,
    sqlite_where=claims.c.objection.is_not(None),
    postgresql_where=claims.c.objection.is_not(None),
)
Index("ix_claims_claimed_at_due_at", claims.c.claimed_at, claims.c.due_at)

outbox = sa.Table(
    "outbox",
    metadata,
    Column("id", Text, primary_key=True),
    Column("lead", Text, nullable=False, index=True),
    Column("offer", Text),
    Column("email", Text, nullable=False),
    Column("context", Text, nullable=False),
    Column("state", Text, nullable=False),  # due, sending, sent, maybe_sent, withheld, failed
    Column("reason", Text),
    Column("decided_at", UtcTime, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("lease_until", UtcTime),
    Column("attempts", Integer, nullable=False),
    Column("begun_at", UtcTime),  # when its text was first begun without an answer to it
    Column("ended_at", UtcTime),
)
Index("ix_outbox_state_due_at", outbox.c.state, outbox.c.due_at)
Index("ix_outbox_ended_at", outbox.c.ended_at)

captured_mail = sa.Table(
    "captured_mail",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("message_id", Text, nullable=False, unique=True),
    Column("lead", Text, index=True),
    Column("recipient", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("headers", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
)

switches = sa.Table(
    "switches",
    metadata,
    Column("name", Text, primary_key=True),
    Column("is_on", Boolean, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
)

bounces = sa.Table(
    "bounces",
    metadata,
    Column("id", Text, primary_key=True),
    Column("email_key", Text, nullable=False, index=True),
    Column("kind", Text, nullable=False),  # hard, soft or complaint
    Column("at", UtcTime, nullable=False),
    Column("received_at", UtcTime, nullable=False),
)

suppressions = sa.Table(
    "suppressions",
    metadata,
    Column("email_key", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
)
