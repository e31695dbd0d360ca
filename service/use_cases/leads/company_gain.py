"""What a company is worth to a rep: its queue item's place, which its best lead holds.

The best lead expects what the account's score says, every other one what its own says. Whoever
comes, acts or goes changes the best lead's place, and that of who was best, in the same
transaction. No lock is waited for: the caller holds its own lead already, and two colleagues would
wait for each other. Who finds the other's lead taken is looked at again at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from scoring.model.account_part import ALONE, AccountPart, Member
from scoring.model.points import probability
from service.domain import priority
from service.domain.deal_value import expected_value_minor
from service.domain.lanes import value_per_minute
from service.domain.lead import StoredLead
from service.runtime import Runtime
from service.store.leads import companies, facts
from service.store.queue import queue
from service.use_cases.leads.account_score import member
from service.use_cases.leads.lead_context import LeadContext, open_lead
from service.use_cases.tx import Tx

_SOON = timedelta(minutes=1)
_REGAINED = ("gain_minor", "value_per_minute", "look_again_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A company at a moment: its best lead, who would be it otherwise, and its chance to buy."""

    best: str
    second: str | None
    probability: float


def company_of(tx: Tx, case: LeadContext, *, has_events: bool) -> Company | None:
    """The company of a lead as it is now, scored or not; its colleagues as they are stored.

    None where the model scores no account but by its best lead, or nobody of it may be scored.
    """
    stored, people = case.stored, dict[str, Member]()
    if stored.score_hundredths is not None and stored.standing_outcome is None:
        people[stored.id] = member(
            stored.score_hundredths,
            case.contact.buying_role,
            case.rollup,
            signed_up_at=stored.moment,
            now=tx.now,
            has_events=has_events,
        )
    return _company(tx, stored.account, people, but_for=stored.id, has_events=has_events)


def gain_of(runtime: Runtime, case: LeadContext, probability: float) -> tuple[int, float]:
    """The expected gain in minor units at a chance to buy, and its logarithm a rep minute."""
    value = expected_value_minor(
        runtime.policy, case.lead, seats_when_unknown=runtime.settings.seats_when_unknown
    )
    gain_minor = round(probability * value)
    return gain_minor, value_per_minute(gain_minor, case.stored.minutes)


def rekey_others(tx: Tx, company: Company | None, lead: str | None) -> bool:
    """Put the best lead where the company's chance puts it, and the second where its own does.

    `lead` is the caller's, which is left alone. False where another transaction holds one of them.
    """
    if company is None:
        return True
    done = [
        _rekey(tx, other, company.probability if other == company.best else None)
        for other in (company.best, company.second)
        if other is not None and other != lead
    ]
    return all(done)


def changed_by_colleagues(runtime: Runtime) -> tuple[str, ...]:
    """The fields of a lead that a colleague's rescoring may have changed in this transaction."""
    return _REGAINED if _serving(runtime) is not None else ()


def settle_company(tx: Tx, account: str | None, *, but_for: str) -> None:
    """Put the people of an account that a lead has left where they belong without it."""
    has_events = facts.any_event(tx.connection)
    company = _company(tx, account, {}, but_for=but_for, has_events=has_events)
    rekey_others(tx, company, but_for)


def look_soon(tx: Tx, stored: StoredLead) -> StoredLead:
    """The lead, to be looked at again before long."""
    again = stored.look_again_at
    soon = tx.now + _SOON
    return stored._replace(look_again_at=soon if again is None else min(again, soon))


def _company(
    tx: Tx, account: str | None, people: dict[str, Member], *, but_for: str, has_events: bool
) -> Company | None:
    part = _serving(tx.runtime)
    if part is None:
        return None
    if account is not None:
        for one in companies.open_people(tx.connection, account, but_for=but_for):
            people[one.lead] = member(
                one.hundredths,
                one.contact.buying_role,
                one.counters,
                signed_up_at=one.signed_up_at,
                now=tx.now,
                has_events=has_events,
            )
    if not people:
        return None
    order = sorted(people, key=lambda lead: (-people[lead].hundredths, lead))
    return Company(
        best=order[0],
        second=order[1] if len(order) > 1 else None,
        probability=part.probability([people[lead] for lead in order]),
    )


def _serving(runtime: Runtime) -> AccountPart | None:
    """The part by which companies have their places, if there is one that says more than a lead."""
    part = runtime.model.account
    return None if part is None or part.kind == ALONE or runtime.settings.shadow else part


def _rekey(tx: Tx, lead: str, chance: float | None) -> bool:
    """Whether the lead could be had; its own score says its chance unless one is given."""
    stored = companies.lock_if_free(tx.connection, lead)
    if stored is None or stored.score_hundredths is None:
        return stored is not None
    if chance is None:
        chance = probability(stored.score_hundredths)
    gain_minor, worth = gain_of(tx.runtime, open_lead(stored), chance)
    if gain_minor == stored.gain_minor:
        return True
    rose = gain_minor > stored.gain_minor
    companies.regain(
        tx.connection,
        lead,
        gain_minor=gain_minor,
        value_per_minute=worth,
        look_again_at=tx.now if rose and stored.lane != "rep" else stored.look_again_at,
    )
    place = queue.lock_if_free(tx.connection, lead)
    if place is not None:
        key = priority.priority(worth, stored.hot_at, tx.runtime.settings.half_life_hours)
        queue.rekey(
            tx.connection,
            lead,
            priority=key,
            gain_minor=gain_minor,
            minutes=place.minutes,
            due_at=place.due_at,
            call_back_at=place.call_back_at,
        )
    return True
