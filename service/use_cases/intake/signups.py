"""A sign-up comes in: one lead, scored and placed, or the same lead with more known about it."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from scoring.contact import Contact
from scoring.leads.counters import Rollup
from service.db.prepared import write_later
from service.domain.fingerprints import traces_of
from service.domain.lead_record import (
    Record,
    Warnings,
    account_of,
    contact_from,
    contact_of,
    contact_text,
    lead_of,
    record_of,
    to_text,
    united,
)
from service.errors import BadInput, FieldError
from service.runtime import Parts
from service.schemas.signup import Signup
from service.store.leads import accounts, external_ids, first_seen, leads
from service.store.leads.idempotency import Message
from service.store.leads.leads import StoredLead
from service.use_cases.intake.merging import merge
from service.use_cases.intake.parked import join_parked
from service.use_cases.leads import identity
from service.use_cases.leads.idempotency import Answer, answer_around, once
from service.use_cases.leads.identity import ExternalIds, Match
from service.use_cases.leads.lead_context import Case
from service.use_cases.leads.rescoring import settle
from service.use_cases.offers.outcome_redemption import settle_joined


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A sign-up as it came, read as far as that needs no store."""

    signup: Signup
    record: Record
    contact: Contact
    warnings: Warnings
    email_key: str | None
    message: Message
    raw: bytes


async def take_signup(parts: Parts, signup: Signup, message: Message, raw: bytes) -> Answer:
    """Take one sign-up, durably. Raises BadInput when nothing in it names a person."""
    given = read_signup(parts, signup, message, raw)
    now = parts.clock.now()
    made_id = identity.make_id()

    def work(connection: sa.Connection) -> Answer:
        is_first = _is_stranger(connection, given)
        return once(
            connection,
            message,
            now,
            lambda: store_signup(connection, parts, given, made_id, now, is_stranger=is_first),
            is_first=is_first,
        )

    return await parts.store.write(work, is_brief=parts.board.is_quick)


def read_signup(parts: Parts, signup: Signup, message: Message, raw: bytes) -> Given:
    """A sign-up's facts. Raises BadInput when nothing in it names a person."""
    ids = identity.person_ids(signup.external_ids)
    if not (signup.email or signup.id or ids):
        missing = FieldError(path="email", code="missing", message="or one of external_ids")
        raise BadInput(
            "nobody_named",
            "a sign-up needs an email or one external id",
            status=422,
            errors=[missing],
        )
    record, warnings = record_of(signup, message.stamp)
    return Given(
        signup=signup,
        record=record,
        contact=contact_of(record),
        warnings=warnings,
        email_key=parts.email_key(signup.email) if signup.email else None,
        message=message,
        raw=raw,
    )


def store_signup(
    connection: sa.Connection,
    parts: Parts,
    given: Given,
    made_id: str,
    now: datetime,
    *,
    redeems: bool = True,
    is_stranger: bool = False,
) -> Answer:
    """Store a sign-up that was not taken before, and place its lead.

    Orders that waited for it redeem the offers they name, unless told otherwise. `is_stranger`
    says that nothing is stored of it or of this person.
    """
    signup = given.signup
    ids = identity.person_ids(signup.external_ids)
    if is_stranger:
        found = Match(lead=None, same=(), new_ids=ids, taken=())
    else:
        found = identity.match(connection, lead=signup.id, ids=ids, email_key=given.email_key)
        found = _one_person(connection, parts, given, found, now)
    known = None if found.lead is None else leads.lock(connection, found.lead)
    if known is None:
        case = _new_case(parts, given, made_id, now)
    else:
        case = _changed_case(parts, given, known, now)
    lead_id = case.stored.id
    external_ids.link(connection, lead_id, found.new_ids)
    joined = None
    if not is_stranger:
        names = _waits_under(given, found.new_ids, signup.id or lead_id)
        case, joined = join_parked(connection, case, names, now)
    if case.stored.outcome == "converted" and case.stored.account and joined is not None:
        assert case.stored.outcome_at is not None
        accounts.starts_paying(connection, case.stored.account, case.stored.outcome_at, now)
    as_of = case.stored.moment if known is None and joined is None else now
    settled = settle(connection, parts, case, as_of=as_of, now=now, is_new=known is None)
    if (joined is not None or known is not None) and settled.stored.lane == "offer":
        settled = replace(settled, stored=settled.stored._replace(look_again_at=now))
    if known is None:
        leads.insert(connection, settled.stored)
    else:
        leads.update(connection, settled.stored)
    leads.keep_version(
        connection,
        lead=lead_id,
        message=given.message.stamp,
        body=given.raw.decode("utf-8"),
        now=now,
    )
    if settled.score is not None:
        leads.keep_score(connection, lead=lead_id, score=settled.stored.score, at=now)
    if redeems and joined is not None and joined.outcomes:
        write_later(connection)
        settle_joined(connection, parts, settled.stored, joined.outcomes, now)
    return answer_around(
        settled.stored.score,
        {
            "lead_id": lead_id,
            "lane": settled.stored.lane,
            "lane_why": settled.stored.lane_why,
            "rep": settled.stored.rep,
            "duplicate": known is not None,
            "warnings": [*given.warnings, *_taken(found)],
        },
    )


def _is_stranger(connection: sa.Connection, given: Given) -> bool:
    ids = identity.person_ids(given.signup.external_ids)
    return first_seen.is_stranger(
        connection,
        given.message,
        lead=given.signup.id,
        email_key=given.email_key,
        names=_waits_under(given, ids, given.signup.id),
    )


def _waits_under(given: Given, ids: ExternalIds, own: str | None) -> ExternalIds:
    """What waits for a sign-up by name; its own id may be another's by now."""
    if own is not None:
        ids = (*ids, (identity.LEAD, own))
    return ids if given.email_key is None else (*ids, (identity.EMAIL, given.email_key))


def _one_person(
    connection: sa.Connection, parts: Parts, given: Given, found: Match, now: datetime
) -> Match:
    """The match once all leads that are this person are one, the sign-up's own new id included."""
    if found.lead is None:
        return found
    same = found.same
    own = given.signup.id
    if own is not None and identity.find(connection, lead=own, ids=()) is None:
        leads.insert_at_once(connection, _new_case(parts, given, own, now).stored)
        same = (*same, own)
    kept = found.lead
    for other in same:
        kept = merge(connection, parts, kept, other, now).id
    return replace(found, lead=kept, same=())


def _new_case(parts: Parts, given: Given, made_id: str, now: datetime) -> Case:
    signup, contact = given.signup, given.contact
    lead_id = signup.id or made_id
    moment = min(signup.signed_up_at or now, now)
    account = account_of(contact, identity.company_id(signup.external_ids))
    stored = StoredLead(
        id=lead_id,
        ref=secrets.token_hex(8),
        account=account,
        email_key=given.email_key,
        **_traces(parts, signup, given.record, contact, account),
        record=to_text(given.record),
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
        credit=None,
        unclaimed_at=None,
    )
    return Case(
        stored=stored,
        record=given.record,
        lead=lead_of(lead_id, given.record, contact),
        contact=contact,
        rollup=None,
    )


def _changed_case(parts: Parts, given: Given, known: StoredLead, now: datetime) -> Case:
    old = json.loads(known.record)
    new = united(old, given.record, now)
    spoken = {"email", "phone", "title", "country"}
    is_same = all(old["fields"].get(name) == new["fields"].get(name) for name in spoken)
    contact = contact_from(known.contact) if is_same else contact_of(new)
    signup = given.signup
    account = account_of(contact, identity.company_id(signup.external_ids)) or known.account
    left = _traces(parts, signup, new, contact, account)
    stored = known._replace(
        account=account,
        email_key=given.email_key or known.email_key,
        mailbox_key=left["mailbox_key"],
        payment_key=left["payment_key"] or known.payment_key,
        domain=left["domain"],
        record=to_text(new),
        contact=contact_text(contact),
        moment=min(known.moment, given.signup.signed_up_at or now),
    )
    return Case(
        stored=stored,
        record=new,
        lead=lead_of(known.id, new, contact),
        contact=contact,
        rollup=None if known.rollup is None else Rollup.from_json(json.loads(known.rollup)),
    )


def _traces(
    parts: Parts, signup: Signup, record: Record, contact: Contact, account: str | None
) -> dict[str, str | None]:
    found = traces_of(
        parts.email_key,
        contact,
        account,
        email=record["fields"].get("email"),
        attributes=record["attributes"],
        external_ids=signup.external_ids,
    )
    return found._asdict()


def _taken(found: Match) -> Warnings:
    return [
        {
            "field": f"external_ids.{kind}",
            "code": "belongs_to_another_lead",
            "message": "it names another lead already and stays with it",
        }
        for kind in found.taken
    ]
