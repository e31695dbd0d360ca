"""A lead as it is stored: its facts, its score and lane, and how it came to be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from scoring.contact import Contact
from scoring.leads.counters import Rollup
from scoring.model.score import Score
from service.domain.lane_reasons import in_words, why_from
from service.domain.lead_record import (
    TAKES_MAIL,
    Record,
    contact_from,
    contact_text,
    time_text,
    to_text,
)
from service.domain.screening import has_wrong_number


class StoredLead(NamedTuple):
    """One row of `leads`. What ends in `_json` is the text of a column, decoded when asked for.

    A tuple, since a sign-up changes its thirty fields some five times. An erased lead keeps its
    pseudonym and what the books need; its record is empty and it has no score.
    """

    id: str
    pseudonym: str
    """Stands for the lead in ledger, audit and links."""
    account: str | None
    email_key: str | None
    mailbox_key: str | None
    payment_key: str | None
    domain: str | None
    record_json: str
    contact_json: str
    counters_json: str | None
    received_at: datetime
    moment: datetime
    score_json: str | None
    """None: never scored, objects to being scored, or erased."""
    score_hundredths: int | None
    grade: str | None
    changed_at: datetime
    """When it was last settled, with a score or without one."""
    gain_minor: int
    minutes: int
    value_per_minute: float
    """The natural logarithm of the expected gain per rep minute."""
    hot_at: datetime
    lane: str
    lane_why_json: str
    unreached: str | None
    look_again_at: datetime | None
    rests_until: datetime | None
    rep: str | None
    touched_at: datetime | None
    asked_for_rep_at: datetime | None
    outcome: str | None
    outcome_at: datetime | None
    reopened_at: datetime | None
    """The last reply or booked meeting, or hot signal after it was lost."""
    credit: str | None
    unclaimed_at: datetime | None
    erased_at: datetime | None
    phone: str | None
    """Its number in E.164, by which a call tool names it."""

    @property
    def mailbox_keys(self) -> tuple[str, ...]:
        """What its address is looked up by, and its mailbox where the address is an alias."""
        return tuple(key for key in (self.email_key, self.mailbox_key) if key is not None)

    @property
    def record(self) -> Record:
        """What is known of the lead, as `lead_record` describes it."""
        record: Record = json.loads(self.record_json)
        return record

    @property
    def fields(self) -> dict[str, Any]:
        """The named fields of the record."""
        fields: dict[str, Any] = self.record["fields"]
        return fields

    @property
    def contact(self) -> Contact:
        """The facts of its contact data."""
        return contact_from(self.contact_json)

    @property
    def counters(self) -> Rollup | None:
        """What its events add up to; None while it did nothing."""
        text = self.counters_json
        return None if text is None else Rollup.from_json(json.loads(text))

    @property
    def score(self) -> Score | None:
        """Its score, for who may be scored."""
        text = self.score_json
        return None if text is None else Score.from_json(self.id, json.loads(text))

    @property
    def score_in_words(self) -> dict[str, Any] | None:
        """Its score as answers show it, for who may be scored."""
        return score_in_words(self.score_json)

    @property
    def standing_outcome(self) -> str | None:
        """How it ended; None while it is open, also again after it was lost."""
        is_back = (
            self.outcome == "lost"
            and self.outcome_at is not None
            and self.reopened_at is not None
            and self.reopened_at > self.outcome_at
        )
        return None if is_back else self.outcome

    @property
    def asked_since_lost(self) -> datetime | None:
        """When it asked for a rep, unless it was lost since."""
        asked, lost_at = self.asked_for_rep_at, self.outcome_at
        was_lost = self.outcome == "lost" and asked is not None and lost_at is not None
        return None if was_lost and asked <= lost_at else asked  # type: ignore[operator]  # neither is None there

    @property
    def call_back_at(self) -> datetime | None:
        """When a rep said they would call back, unless it was lost since."""
        text, lost_at = self.record.get("call_back_at"), self.outcome_at
        promised = None if text is None else datetime.fromisoformat(text)
        was_lost = self.outcome == "lost" and promised is not None and lost_at is not None
        return None if was_lost and promised <= lost_at else promised  # type: ignore[operator]  # neither is None there

    @property
    def call_back_by(self) -> str | None:
        """Which rep said so, where that is known."""
        by: str | None = self.record.get("call_back_by")
        return None if self.call_back_at is None else by

    @property
    def lane_why(self) -> str:
        """Why it is in its lane, in words."""
        return in_words(why_from(self.lane_why_json))

    def with_record(self, record: Record) -> StoredLead:
        """The lead with another record."""
        return self._replace(record_json=to_text(record))

    def with_call_back(self, at: datetime | None, by: str | None = None) -> StoredLead:
        """The lead with the time at which a rep calls back, and which rep, or with none."""
        record = self.record
        by_before = record.pop("call_back_by", None)
        if record.pop("call_back_at", None) is None and by_before is None and at is None:
            return self
        promised = {} if at is None else {"call_back_at": time_text(at)}
        if at is not None and by is not None:
            promised["call_back_by"] = by
        return self.with_record(record | promised)

    def with_contact(self, contact: Contact) -> StoredLead:
        """The lead with other contact facts."""
        return self._replace(contact_json=contact_text(contact))

    def with_counters(self, counters: Rollup | None) -> StoredLead:
        """The lead with other counters."""
        return self._replace(
            counters_json=None if counters is None else to_text(counters.to_json())
        )

    def with_score(self, score: Score | None) -> StoredLead:
        """The lead with another score, or without one."""
        if score is None:
            return self._replace(score_json=None, score_hundredths=None, grade=None)
        return self._replace(
            score_json=to_text(score.to_json()),
            score_hundredths=score.hundredths,
            grade=score.grade,
        )


def name_of(fields: Mapping[str, Any]) -> str | None:
    """A person's first and last name, as far as they are told."""
    told = (str(fields[part]) for part in ("first_name", "last_name") if fields.get(part))
    return " ".join(told) or None


def score_in_words(kept: str | None) -> dict[str, Any] | None:
    """A stored score as answers show it, in the words it was kept in."""
    score: dict[str, Any] | None = None if kept is None else json.loads(kept)
    return score


def _mail_domain(record: Record) -> dict[str, Any]:
    """What DNS said of the mail address's domain, once it did."""
    told = record["attributes"].get(TAKES_MAIL)
    return {} if told is None else {TAKES_MAIL: told}


def _number(record: Record) -> dict[str, Any]:
    """That the phone number is somebody else's, once a call found that out."""
    return {"takes_calls": False} if has_wrong_number(record) else {}


def lead_json(stored: StoredLead) -> dict[str, Any]:
    """A stored lead as people's answers show it."""
    record = stored.record
    return {
        "id": stored.id,
        **record["fields"],
        "source": record["source"],
        "consent": record["consent"],
        "do_not_profile": record.get("do_not_profile"),
        "attributes": record["attributes"],
        "contact": json.loads(stored.contact_json) | _mail_domain(record) | _number(record),
        "account": stored.account,
        "received_at": time_text(stored.received_at),
        "lane": stored.lane,
        "lane_why": stored.lane_why,
        "unreached": stored.unreached,
        "look_again_at": None if stored.look_again_at is None else time_text(stored.look_again_at),
        "rep": stored.rep,
        "credit": stored.credit,
        "outcome": stored.standing_outcome,
    }
