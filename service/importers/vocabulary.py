"""Which fields each kind of import has, and which columns fill them by their usual names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, get_args

from scoring.dataset.headings import known_field

Kind = Literal["leads", "events", "touches", "outcomes"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_WHO = ("id", "lead_id", "email", "at")
PLAIN: Mapping[str, tuple[str, ...]] = {
    "leads": (
        "id",
        "email",
        "phone",
        "first_name",
        "last_name",
        "title",
        "company",
        "website",
        "country",
        "region",
        "timezone",
        "locale",
        "seats",
        "plan",
        "trial_started_at",
        "trial_ends_at",
        "signed_up_at",
        "campaign_code",
        "partner",
        "do_not_email",
        "do_not_call",
        "do_not_profile",
        "consent.ground",
        "consent.at",
        "consent.wording",
        "consent.source",
    ),
    "events": (*_WHO, "name"),
    "touches": (*_WHO, "kind", "by"),
    "outcomes": (
        *_WHO,
        "kind",
        "reason",
        "plan",
        "seats",
        "term_months",
        "prepaid",
        "amount",
        "amount.minor",
        "amount.currency",
        "invoice",
        "billing_country",
    ),
}
_OPEN: Mapping[str, tuple[str, ...]] = {
    "leads": ("external_ids", "source", "attributes"),
    "events": ("external_ids", "properties"),
    "touches": ("external_ids",),
    "outcomes": ("external_ids",),
}
"""Fields that hold whatever names one likes."""
_USUAL: Mapping[str, Mapping[str, str]] = {
    "events": {"event": "name", "eventname": "name", "timestamp": "at", "time": "at", "date": "at"},
    "touches": {
        "type": "kind",
        "activitytype": "kind",
        "owner": "by",
        "assignedto": "by",
        "rep": "by",
        "date": "at",
        "timestamp": "at",
        "activitydate": "at",
    },
    "outcomes": {
        "status": "kind",
        "outcome": "kind",
        "date": "at",
        "closedate": "at",
        "closedat": "at",
        "currency": "amount.currency",
        "amountpaid": "amount",
        "quantity": "seats",
        "invoiceid": "invoice",
        "invoicenumber": "invoice",
    },
}
_NAMES_LEAD = {
    "leadid": "lead_id",
    "userid": "external_ids.user",
    "customeremail": "email",
    "emailaddress": "email",
    "mail": "email",
}
_TELLS_OUTCOME = frozenset({"converted", "outcome", "won", "isconverted", "churned", "iswon"})


def is_field(kind: Kind, ours: object) -> bool:
    """Whether a body of this kind has such a field."""
    if not isinstance(ours, str):
        return False
    opened, _, name = ours.partition(".")
    return ours in PLAIN[kind] or (opened in _OPEN[kind] and bool(name))


def usual_field(kind: Kind, column: str) -> str | None:
    """The field that a column of this name usually holds."""
    bare = _bare(column)
    if kind != "leads":
        if column in PLAIN[kind]:
            return column
        return _USUAL[kind].get(bare) or _NAMES_LEAD.get(bare)
    if bare in ("id", "leadid", "prospectid"):
        return "id"
    known = known_field(column)
    if known == "account":
        return "external_ids.company"
    return known if is_field(kind, known) else None


def names_somebody(ours: str) -> bool:
    """Whether a field says whom a row is about."""
    return ours in ("id", "lead_id", "email") or ours.startswith("external_ids.")


def tells_outcome(column: str) -> bool:
    """Whether a column seems to hold what an outcome should say, which no lead may know."""
    return _bare(column) in _TELLS_OUTCOME


def _bare(column: str) -> str:
    return re.sub(r"[^a-z0-9]", "", column.casefold())
