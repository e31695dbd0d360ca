"""Who of an account plays which part in a purchase, what is missing, and whom to talk to next."""

from __future__ import annotations

from typing import Any

from scoring.leads.intents import KINDS
from service.auth.keyring import Caller
from service.domain.committee import Committee, Known, Member, Told, committee_of, definitions
from service.domain.lead import StoredLead
from service.domain.membership import has_left
from service.domain.screening import heard_from
from service.errors import BadInput, FieldError, NotFound
from service.store.leads import people_said
from service.use_cases.leads import identity
from service.use_cases.offers.situation import account_key
from service.use_cases.tx import Tx
from service.use_cases.views.account_page import people_of

PERSON_SAID = "account.person_said"


def account_map(tx: Tx, account: str, caller: Caller) -> dict[str, Any]:
    """The answer of `GET /v1/accounts/{account}/map`. Raises NotFound, NotAllowed."""
    everybody = people_of(tx, account, caller)
    people = [one for one in everybody if one.erased_at is None]
    told = people_said.of_leads(tx.connection, [one.id for one in people])
    found = committee_of([_known(one, told.get(one.id, Told())) for one in people])
    return _map_json(account_key(everybody[0]), found, {one.id: one for one in people})


def say(tx: Tx, account: str, lead_id: str, caller: Caller, *, told: Told) -> dict[str, Any]:
    """Write down what somebody knows of a person; the map as it is then.

    Raises NotFound, NotAllowed, and BadInput where nothing is said.
    """
    if told.role is None and told.stance is None:
        missing = FieldError(path="role", code="missing", message="or stance")
        raise BadInput("wrong_fields", "cannot be read: role", status=422, errors=[missing])
    person = person_of(tx, account, lead_id, caller)
    people_said.insert(tx.connection, person.id, told, tx.now)
    tx.audit(PERSON_SAID, person.pseudonym, role=told.role, stance=told.stance)
    return account_map(tx, account, caller)


def person_of(tx: Tx, account: str, lead_id: str, caller: Caller) -> StoredLead:
    """A person of an account that the caller may see. Raises NotFound, NotAllowed."""
    id = identity.find(tx.connection, lead=lead_id, ids=()) or lead_id
    person = next((one for one in people_of(tx, account, caller) if one.id == id), None)
    if person is None or person.erased_at is not None:
        raise NotFound("unknown_lead", "this account has no such lead")
    return person


def _known(lead: StoredLead, told: Told) -> Known:
    rollup, heard = lead.counters, heard_from(lead.record)
    not_in_charge_at = None if heard is None else heard.not_in_charge_at
    return Known(
        lead=lead.id,
        title=lead.fields.get("title"),
        title_role=lead.contact.buying_role,
        did={} if rollup is None else _sums(rollup.days),
        told=told,
        has_left=has_left(lead),
        not_in_charge_on=None if not_in_charge_at is None else f"{not_in_charge_at:%-d %B %Y}",
    )


def _sums(days: dict[int, list[int]]) -> dict[str, int]:
    counts = [sum(kind) for kind in zip(*days.values(), strict=True)]
    return dict(zip(KINDS, counts, strict=True)) if counts else {}


def _map_json(account: str, found: Committee, people: dict[str, StoredLead]) -> dict[str, Any]:
    return {
        "account": account,
        "roles": [
            {
                "role": role["name"],
                "required": role["required"],
                "why": role["why"],
                "people": [m.lead for m in found.members if m.role == role["name"]],
            }
            for role in definitions()["role"]
        ],
        "people": [_member_json(member, people[member.lead]) for member in found.members],
        "missing": list(found.missing),
        "next": None
        if found.next is None
        else {"role": found.next.role, "lead_id": found.next.lead, "why": found.next.why},
    }


def _member_json(member: Member, lead: StoredLead) -> dict[str, Any]:
    return {
        "lead_id": member.lead,
        "title": lead.fields.get("title"),
        "role": member.role,
        "confidence": member.confidence,
        "evidence": member.evidence,
        "stance": member.stance,
    }
