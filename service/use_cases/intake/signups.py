"""A sign-up comes in: one lead, scored and placed, or the same lead with more known about it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from scoring.contact import Contact
from scoring.model.schema import Schema
from service.domain.fingerprints import Traces, traces_of
from service.domain.lead import StoredLead
from service.domain.lead_record import (
    Record,
    account_of,
    contact_of,
    contact_text,
    lead_of,
    merged,
    to_text,
)
from service.errors import BadInput, FieldError
from service.runtime import Runtime
from service.schemas.signup import Signup
from service.schemas.signup_record import SignupFacts, Warnings, facts_of, nul_warnings
from service.store.leads import external_ids, first_seen, leads
from service.store.leads.idempotency import Message
from service.use_cases.intake.addresses import (
    carry_word,
    note_consent,
    with_known_consent,
    withdraw_from_old,
)
from service.use_cases.intake.erased import (
    blurred_account,
    find_company_again,
    keys_of,
    refuse_erased,
)
from service.use_cases.intake.late_facts import join_parked
from service.use_cases.intake.merging import find_company, merge
from service.use_cases.intake.profiling import objects, withdraw_chosen
from service.use_cases.leads import identity
from service.use_cases.leads.account_books import begin_paying
from service.use_cases.leads.account_talks import moved
from service.use_cases.leads.company_gain import settle_company
from service.use_cases.leads.identity import ExternalIds, Match
from service.use_cases.leads.lead_context import LeadContext
from service.use_cases.leads.lead_events import tell_assigned, tell_scored
from service.use_cases.leads.rescoring import rescore, score_lead
from service.use_cases.leads.screened import settle_call
from service.use_cases.offers.outcome_redemption import settle_joined, settle_missed
from service.use_cases.offers.referrals import note_referral
from service.use_cases.offers.stops import note_presented
from service.use_cases.reports.leaving import settle_person
from service.use_cases.tx import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A sign-up as it came, read as far as that needs no store."""

    signup: Signup
    record: Record
    contact: Contact
    warnings: Warnings
    email_key: str | None
    """None also where the mail field holds no address: then it names nobody."""
    message: Message
    raw: bytes
    is_browser: bool
    made_id: str
    """The lead's id, should it be new: its own, or one of ours."""

    def match(self, connection: sa.Connection) -> Match:
        """The lead it is about."""
        return identity.match(
            connection,
            lead=self.signup.id,
            ids=identity.person_ids(self.signup.external_ids),
            email_key=self.email_key,
            is_unreadable=bool(self.signup.email) and self.email_key is None,
        )

    def lead_key(self, runtime: Runtime, lead: str) -> str | None:
        """What the lead is known by for its mail, as this says; None where it tells no address."""
        email = self.record["fields"].get("email")
        return runtime.lead_key(email, lead) if email else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignupTaken:
    """The lead as it is now stored, and what the sender should know."""

    lead: StoredLead
    is_duplicate: bool
    warnings: Warnings


def read_signup(
    runtime: Runtime,
    signup: Signup,
    message: Message,
    raw: bytes,
    *,
    is_browser: bool = False,
    cleaned: Sequence[str] = (),
    facts: SignupFacts | None = None,
) -> Given:
    """A sign-up's facts, unless they were read already; `cleaned` are fields that came with a NUL.

    Raises BadInput when nothing in it names a person.
    """
    ids = identity.person_ids(signup.external_ids)
    if not (signup.email or signup.id or ids):
        missing = FieldError(path="email", code="missing", message="or one of external_ids")
        raise BadInput(
            "nobody_named",
            "a sign-up needs an email or one external id",
            status=422,
            errors=[missing],
        )
    facts = facts or facts_of(signup, message.stamp, is_browser=is_browser)
    record = facts.record
    told = [each for each in facts.warnings if not _is_read_by(runtime.model.schema, each)]
    return Given(
        signup=signup,
        record=record,
        contact=facts.contact,
        warnings=[*told, *nul_warnings(cleaned)],
        email_key=runtime.address_key(record["fields"]["email"]) if signup.email else None,
        message=message,
        raw=raw,
        is_browser=is_browser,
        made_id=signup.id or identity.make_id(),
    )


def _is_read_by(schema: Schema, warning: Mapping[str, str]) -> bool:
    """Whether a field is none of a sign-up's own, but one that the model in use looks at."""
    name = warning["field"]
    return warning["code"] == "unknown_field" and name in schema.lacking(())


def store_signup(
    tx: Tx,
    given: Given,
    *,
    redeems: bool = True,
    is_stranger: bool = False,
    takes_erased: bool = False,
    as_of: datetime | None = None,
) -> SignupTaken:
    """Store a sign-up that was not taken before, and place its lead.

    A new lead's first score is as of its sign-up, unless told otherwise, and without what waited
    for it; where that is over a day ago, the worker looks at it again at once. Orders that waited
    for it redeem the offers they name, unless told otherwise. `is_stranger` says that nothing is
    stored of it or of this person.
    Raises Conflict `was_erased`, unless told to take those too.
    """
    signup = given.signup
    ids = identity.person_ids(signup.external_ids)
    if is_stranger:
        found = Match(lead=None, same=(), new_ids=ids, taken=())
    else:
        found = given.match(tx.connection)
        if given.is_browser:
            found = replace(found, same=())  # nobody's leads become one by a browser's word
        found = _one_person(tx, given, found)
    known = None if found.lead is None else leads.lock(tx.connection, found.lead)
    is_newly_named = known is None or known.email_key != given.email_key
    if is_newly_named and not (is_stranger or takes_erased):
        keys = keys_of(tx.runtime, signup.id if known is None else None, given.email_key)
        refuse_erased(tx, keys, given.record["consent"], is_browser=given.is_browser)
    if known is None:
        case = _new_case(tx.runtime, given, given.made_id, tx.now)
    else:
        case = _changed_case(tx.runtime, given, known, tx.now)
        if known.email_key != case.stored.email_key:
            carry_word(tx, known, case.stored)
    if not is_stranger and (known is None or known.email_key != case.stored.email_key):
        case = with_known_consent(tx, case)
    told = given.record["consent"]
    if told is not None and (known is None or known.record["consent"] != told):
        note_consent(tx, told, case.stored, given.message.stamp)
    company = case.stored.account
    if company is not None and not is_stranger and (known is None or known.account != company):
        find_company_again(tx, company)
    lead_id = case.stored.id
    external_ids.link(tx.connection, lead_id, found.new_ids)
    joined, came, came_as = None, case, as_of or case.stored.moment
    if not is_stranger:
        names = _waits_under(given, found.new_ids, signup.id or lead_id)
        case, joined = join_parked(tx, case, names)
    is_stored, scored = known is not None, None
    if joined is not None:
        if known is None:
            leads.insert_at_once(tx.connection, case.stored)  # its account's ledger has its lines
            is_stored = True
            scored = _keep_score_of(tx, came, came_as)
        begin_paying(tx, case.stored)
    if as_of is None:
        as_of = case.stored.moment if known is None and joined is None else tx.now
    settled = rescore(tx, case, as_of=as_of, is_new=known is None)
    if tx.now - as_of > _OLD:
        settled = replace(settled, stored=settled.stored._replace(look_again_at=tx.now))
    if (joined is not None or known is not None) and settled.stored.lane == "offer":
        settled = replace(settled, stored=settled.stored._replace(look_again_at=tx.now))
    if is_stored:
        leads.update(tx.connection, settled.stored, tx.now)
    else:
        leads.insert(tx.connection, settled.stored)
    leads.insert_version(
        tx.connection,
        lead=lead_id,
        message=given.message.stamp,
        body=given.raw.decode("utf-8"),
        now=tx.now,
    )
    if (known is not None and known.account != settled.stored.account) or tells_of_a_deal(given):
        tx.flush()
        moved(tx, known, settled.stored)
    if known is not None and known.account != settled.stored.account:
        settle_company(tx, known.account, but_for=lead_id)
    is_same = settled.stored.score_hundredths == scored and case.rollup == came.rollup
    if settled.stored.score_json is not None and not is_same:
        leads.insert_score(tx.connection, lead=lead_id, score=settled.stored.score_json, at=tx.now)
    if known is not None and known.email_key != settled.stored.email_key:
        tx.flush()
        withdraw_from_old(tx, known, settled.stored.email_key)
    if known is not None and settled.case.objects_to_profiling and not objects(known):
        tx.flush()
        withdraw_chosen(tx, settled.stored)
    if known is not None and known.account != settled.stored.account:
        tx.flush()
        find_company(tx, known, settled.stored)
    if known is not None and tx.runtime.settings.usage_report:
        tx.flush()
        settle_person(tx, known, settled.stored)
    if code := given.record["fields"].get("campaign_code"):
        note_presented(tx, settled.stored, code, settled.stored.fields.get("partner"))
    warnings = [*given.warnings, *_taken(found)]
    if signup.referred_by and not note_referral(tx, lead_id, signup.referred_by):
        warnings.append(_UNKNOWN_REFERRER)
    if joined is not None:
        settle_call(tx, settled.stored)
    had = None if known is None else known.score_hundredths
    tell_scored(tx, settled.stored, settled.score, had)
    tell_assigned(tx, settled.stored, None if known is None else known.rep)
    if redeems and joined is not None and joined.outcomes:
        tx.flush()
        settle_joined(tx, settled.stored, joined.outcomes)
    if redeems and known is not None and code:
        tx.flush()
        settle_missed(tx, lead_id)
    return SignupTaken(lead=settled.stored, is_duplicate=known is not None, warnings=warnings)


def _keep_score_of(tx: Tx, came: LeadContext, as_of: datetime) -> int | None:
    """Write down what a sign-up scores by itself, as if what had waited for it came after it.

    In hundredths; None for who objects to being scored.
    """
    if came.objects_to_profiling:
        return None
    alone = came.stored.with_score(score_lead(tx, came, as_of))
    assert alone.score_json is not None
    leads.insert_score(tx.connection, lead=alone.id, score=alone.score_json, at=tx.now)
    tx.flush()  # it stands before the score with what had waited
    return alone.score_hundredths


_OLD = timedelta(days=1)
_UNKNOWN_REFERRER = {
    "field": "referred_by",
    "code": "unknown_referrer",
    "message": "names no other lead, offer's code or offer's link: nobody is credited",
}


def tells_of_a_deal(given: Given) -> bool:
    """Whether a sign-up says anything of an open deal."""
    return "open_deal" in given.record["attributes"]


def is_stranger(tx: Tx, given: Given) -> bool:
    """Whether nothing is stored of a sign-up or of its person."""
    return first_seen.is_stranger(
        tx.connection,
        given.message,
        lead=given.signup.id,
        email_key=given.email_key,
        erasure=next(iter(keys_of(tx.runtime, given.signup.id, None)), None),
        blurred=blurred_of(tx.runtime, given),
        names=names_of(given),
    )


def blurred_of(runtime: Runtime, given: Given) -> str | None:
    """What a sign-up's account is called where its people were all erased."""
    account = account_of(given.contact, identity.company_id(given.signup.external_ids))
    return None if account is None else blurred_account(runtime, account)


def names_of(given: Given) -> ExternalIds:
    """Every name under which something of a sign-up's person may be stored."""
    return _waits_under(given, identity.person_ids(given.signup.external_ids), given.signup.id)


def _waits_under(given: Given, ids: ExternalIds, own: str | None) -> ExternalIds:
    """What waits for a sign-up by name; its own id may be another's by now."""
    if own is not None:
        ids = (*ids, (identity.LEAD, own))
    return ids if given.email_key is None else (*ids, (identity.EMAIL, given.email_key))


def _one_person(tx: Tx, given: Given, found: Match) -> Match:
    """The match once all leads that are this person are one, the sign-up's own new id included."""
    if found.lead is None:
        return found
    same = found.same
    own = given.signup.id
    if own is not None and identity.find(tx.connection, lead=own, ids=()) is None:
        leads.insert_at_once(tx.connection, _new_case(tx.runtime, given, own, tx.now).stored)
        same = (*same, own)
    kept = found.lead
    for other in same:
        kept = merge(tx, kept, other).id
    return replace(found, lead=kept, same=())


def _new_case(runtime: Runtime, given: Given, made_id: str, now: datetime) -> LeadContext:
    signup, contact = given.signup, given.contact
    lead_id = signup.id or made_id
    moment = min(signup.signed_up_at or now, now)
    account = account_of(contact, identity.company_id(signup.external_ids))
    traces = _traces(runtime, signup, given.record, contact, account)
    stored = StoredLead(
        id=lead_id,
        pseudonym=secrets.token_hex(8),
        account=account,
        email_key=given.lead_key(runtime, lead_id),
        mailbox_key=traces.mailbox_key,
        payment_key=traces.payment_key,
        domain=traces.domain,
        record_json=to_text(given.record),
        contact_json=contact_text(contact),
        counters_json=None,
        received_at=now,
        moment=moment,
        score_json=None,
        score_hundredths=None,
        grade=None,
        changed_at=now,
        gain_minor=0,
        minutes=1,
        value_per_minute=0.0,
        hot_at=moment,
        lane="self_serve",
        lane_why_json="[]",
        unreached=None,
        look_again_at=None,
        rests_until=None,
        rep=None,
        touched_at=None,
        asked_for_rep_at=None,
        outcome=None,
        outcome_at=None,
        reopened_at=None,
        credit=None,
        unclaimed_at=None,
        erased_at=None,
        phone=contact.phone_e164,
    )
    return LeadContext(
        stored=stored,
        record=given.record,
        lead=lead_of(lead_id, given.record, contact),
        contact=contact,
        rollup=None,
    )


def _changed_case(runtime: Runtime, given: Given, known: StoredLead, now: datetime) -> LeadContext:
    old = known.record
    new = merged(old, given.record, now)
    spoken = {"email", "phone", "title", "country"}
    is_same = all(old["fields"].get(name) == new["fields"].get(name) for name in spoken)
    contact = known.contact if is_same else contact_of(new)
    signup = given.signup
    account = account_of(contact, identity.company_id(signup.external_ids)) or known.account
    traces = _traces(runtime, signup, new, contact, account)
    told = given.record["fields"].get("email")
    is_new_address = told is not None and told == new["fields"].get("email") != old["fields"].get(
        "email"
    )
    stored = known._replace(
        account=account,
        email_key=given.lead_key(runtime, known.id) if is_new_address else known.email_key,
        mailbox_key=traces.mailbox_key,
        payment_key=traces.payment_key or known.payment_key,
        domain=traces.domain,
        record_json=to_text(new),
        contact_json=contact_text(contact),
        phone=contact.phone_e164,
        moment=min(known.moment, given.signup.signed_up_at or now),
    )
    return LeadContext(
        stored=stored,
        record=new,
        lead=lead_of(known.id, new, contact),
        contact=contact,
        rollup=known.counters,
    )


def _traces(
    runtime: Runtime, signup: Signup, record: Record, contact: Contact, account: str | None
) -> Traces:
    return traces_of(
        runtime.email_key,
        contact,
        account,
        email=record["fields"].get("email"),
        attributes=record["attributes"],
        external_ids=signup.external_ids,
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
