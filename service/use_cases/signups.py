"""A sign-up comes in: one lead, scored and placed, or the same lead with more known about it."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from scoring.rollup import Rollup
from service.errors import BadInput, FieldError
from service.parts import Parts
from service.routes.signup_body import Signup
from service.store import leads
from service.store.leads import StoredLead
from service.store.messages import Message
from service.translate import (
    Record,
    Warnings,
    account_of,
    contact_from,
    contact_of,
    contact_text,
    lead_of,
    merged,
    record_of,
    to_text,
)
from service.use_cases import identity
from service.use_cases.identity import Match
from service.use_cases.once import Answer, answer, once
from service.use_cases.parked import join_parked
from service.use_cases.settle import Case, settle


async def take_signup(parts: Parts, signup: Signup, message: Message, raw: bytes) -> Answer:
    """Take one sign-up, durably. Raises BadInput when nothing in it names a person."""
    ids = identity.person_ids(signup.external_ids)
    if not (signup.email or signup.id or ids):
        missing = FieldError(path="email", code="missing", message="or one of external_ids")
        raise BadInput(
            "nobody_named", "a sign-up needs an email or one external id", status=422,
            errors=[missing],
        )  # fmt: skip
    record, warnings = record_of(signup)
    now = parts.clock.now()
    made_id = f"lead_{secrets.token_hex(10)}"

    def work(connection: sa.Connection) -> Answer:
        return once(
            connection, message, now,
            lambda: _store(connection, parts, signup, record, warnings, message, raw, made_id, now),
        )  # fmt: skip

    return await parts.store.write(work)


def _store(
    connection: sa.Connection,
    parts: Parts,
    signup: Signup,
    record: Record,
    warnings: Warnings,
    message: Message,
    raw: bytes,
    made_id: str,
    now: datetime,
) -> Answer:
    email_key = parts.email_key(signup.email) if signup.email else None
    ids = identity.person_ids(signup.external_ids)
    found = identity.match(connection, lead=signup.id, ids=ids, email_key=email_key)
    known = None if found.lead is None else leads.lock(connection, found.lead)
    if known is None:
        case = _new_case(signup, record, found, made_id, email_key, now)
    else:
        case = _changed_case(signup, record, known, email_key, now)
    lead_id = case.stored.id
    leads.link(connection, lead_id, found.new_ids)
    names = (*found.new_ids, *(((identity.LEAD, lead_id),) if known is None else ()))
    case, joined = join_parked(connection, case, names, now)
    as_of = case.stored.moment if known is None and not joined else now
    settled = settle(connection, parts, case, as_of=as_of, now=now)
    if known is None:
        leads.insert(connection, settled.stored)
    else:
        leads.update(connection, settled.stored)
    leads.keep_version(
        connection, lead=lead_id, message=message.id, body=raw.decode("utf-8"), now=now
    )
    leads.keep_score(connection, lead=lead_id, score=settled.stored.score, at=now)
    return answer(
        {
            "lead_id": lead_id,
            "score": json.loads(settled.stored.score),
            "lane": settled.stored.lane,
            "lane_why": settled.stored.lane_why,
            "rep": settled.stored.rep,
            "duplicate": known is not None,
            "warnings": [*warnings, *_taken(found)],
        }
    )


def _new_case(
    signup: Signup, record: Record, found: Match, made_id: str, email_key: str | None, now: datetime
) -> Case:
    lead_id = signup.id or made_id
    contact = contact_of(record)
    moment = min(signup.signed_up_at or now, now)
    stored = StoredLead(
        id=lead_id,
        ref=secrets.token_hex(8),
        account=account_of(contact, identity.company_id(signup.external_ids)),
        email_key=email_key,
        record=to_text(record),
        contact=contact_text(contact),
        rollup=None,
        received_at=now,
        moment=moment,
        score="{}",
        hundredths=0,
        grade="D4",
        scored_at=now,
        gain_minor=0,
        minutes=1,
        worth=0.0,
        hot_at=moment,
        lane="self_serve",
        lane_why="",
        unreached=None,
        look_again_at=None,
        rests_until=None,
        rep=None,
        touched_at=None,
        asked_for_rep_at=None,
        outcome=None,
        outcome_at=None,
    )
    return Case(stored=stored, lead=lead_of(lead_id, record, contact), contact=contact, rollup=None)


def _changed_case(
    signup: Signup, record: Record, known: StoredLead, email_key: str | None, now: datetime
) -> Case:
    old = json.loads(known.record)
    new = merged(old, record, now)
    spoken = {"email", "phone", "title", "country"}
    is_same = all(old["fields"].get(name) == new["fields"].get(name) for name in spoken)
    contact = contact_from(known.contact) if is_same else contact_of(new)
    stored = replace(
        known,
        account=account_of(contact, identity.company_id(signup.external_ids)) or known.account,
        email_key=email_key or known.email_key,
        record=to_text(new),
        contact=contact_text(contact),
    )
    return Case(
        stored=stored,
        lead=lead_of(known.id, new, contact),
        contact=contact,
        rollup=None if known.rollup is None else Rollup.from_json(json.loads(known.rollup)),
    )


def _taken(found: Match) -> Warnings:
    return [
        {
            "field": f"external_ids.{kind}",
            "code": "belongs_to_another_lead",
            "message": "it names another lead already and stays with it",
        }
        for kind in found.taken
    ]
