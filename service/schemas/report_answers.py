"""What is answered about the report that a customer's own admin orders."""

from __future__ import annotations

from typing import Literal

from service.schemas.fields import Answer


class ReportLinkAnswer(Answer):
    """The link of one person; without one `why`: off, shadow, deactivated."""

    link: str | None
    why: str | None


class ReportReaderAnswer(Answer):
    """Who gets the report; `why_not` says why they get nothing as things stand."""

    lead_id: str
    why_not: str | None


class ReportMailAnswer(Answer):
    """What became of one reader's letter, as in the outbox."""

    lead_id: str
    state: str
    reason: str | None


class PastReportAnswer(Answer):
    """One period: what was told in sums, or why nothing was (too_few, missed, no_readers)."""

    period: str
    state: Literal["made", "none"]
    why: str | None
    made_at: str
    people: int | None
    actions: dict[str, int] | None
    mails: list[ReportMailAnswer]


class ReportAnswer(Answer):
    """An account's usage report; `closed` says why none is made here at all."""

    ordered_by: str
    every: Literal["month", "week"]
    ordered_at: str
    ended_at: str | None
    ended_why: str | None
    closed: str | None
    next_period: str | None
    next_at: str | None
    readers: list[ReportReaderAnswer]
    reports: list[PastReportAnswer]
