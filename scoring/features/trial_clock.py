"""Where the trial stands in its own time."""

from __future__ import annotations

from datetime import UTC, datetime

from scoring.features.feature import Feature, Moment


def _days(start: datetime | None, end: datetime | None) -> float | None:
    if start is None or end is None:
        return None
    return float((end - start).total_seconds() // 86_400)


def _trial_day(moment: Moment) -> float | None:
    day = _days(moment.lead.trial_started_at or moment.lead.signed_up_at, moment.now)
    return None if day is None else max(day, 0.0)


def _signup_hour(moment: Moment) -> float | None:
    at = moment.lead.signed_up_at
    return None if at is None else float(at.astimezone(UTC).hour)


def _signup_weekend(moment: Moment) -> str | None:
    at = moment.lead.signed_up_at
    return None if at is None else "yes" if at.astimezone(UTC).weekday() >= 5 else "no"


FEATURES = (
    Feature(
        name="trial_day",
        caption="Days since the trial began",
        group="engagement",
        kind="number",
        value=_trial_day,
    ),
    Feature(
        name="trial_days_left",
        caption="Days until the trial ends",
        group="engagement",
        kind="number",
        value=lambda m: _days(m.now, m.lead.trial_ends_at),
    ),
    Feature(
        name="trial_length_days",
        caption="Length of the trial, days",
        group="fit",
        kind="number",
        value=lambda m: _days(m.lead.trial_started_at, m.lead.trial_ends_at),
    ),
    Feature(
        name="signup_hour",
        caption="Hour of the sign-up (UTC)",
        group="fit",
        kind="number",
        value=_signup_hour,
    ),
    Feature(
        name="signup_weekend",
        caption="Signed up on a weekend",
        group="fit",
        kind="category",
        value=_signup_weekend,
    ),
)
