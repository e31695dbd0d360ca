"""Which object an event of Stripe's is about; what holds is what Stripe says of it when asked.

Events come in any order and any number of times, as snapshots (docs.stripe.com/api/events/object)
or thin (docs.stripe.com/api/v2/core/events: no `data.object`, but a `related_object`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from service.errors import BadInput
from service.integrations.inbound import text_of
from service.integrations.stripe_facts import id_of

What = Literal[
    "invoice",
    "charge",
    "payment_intent",
    "refund",
    "dispute",
    "credit_note",
    "session",
    "subscription",
]
KINDS: tuple[What, ...] = (
    "invoice",
    "charge",
    "payment_intent",
    "refund",
    "dispute",
    "credit_note",
    "session",
    "subscription",
)
_RELATED: Mapping[str, What] = {kind: kind for kind in KINDS} | {"checkout.session": "session"}
_PREFIXES: Mapping[str, What] = {
    "in": "invoice",
    "ch": "charge",
    "py": "charge",
    "pi": "payment_intent",
    "re": "refund",
    "pyr": "refund",
    "dp": "dispute",
    "du": "dispute",
    "cn": "credit_note",
    "cs": "session",
    "sub": "subscription",
}
"""What Stripe's ids begin with, where a thin event names no type."""

_PREVIEW = "upcoming_"
"""What the id of a previewed invoice begins with, which cannot be asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an event makes us look at."""

    what: What
    subject: str


def read_event(given: Any, *, is_live: bool = False) -> Asked | None:
    """What to ask for; None for an event that says nothing to us.

    Raises BadInput for what is no event, and in a live store for one of Stripe's test mode.
    """
    event = given if isinstance(given, dict) else {}
    kind, data, related = text_of(event, "type"), event.get("data"), event.get("related_object")
    thing = data.get("object") if isinstance(data, dict) else None
    is_thin = event.get("object") == "v2.core.event" or isinstance(related, dict)
    if kind is None or not (is_thin or isinstance(thing, dict)):
        raise BadInput("not_an_event", "an event needs type and data.object", status=422)
    if is_live and event.get("livemode") is False:
        why = "this store is live and takes no event of test mode: send it to a test store"
        raise BadInput("test_mode_event", why, status=422)
    if isinstance(event.get("account"), str):
        return None  # of a connected account, which our key does not see
    if kind.removeprefix("v1.") == "invoice.deleted":
        return None  # a draft that is gone
    if isinstance(thing, dict):
        return _of_snapshot(kind, thing)
    return _of_related(related) if isinstance(related, dict) else None


def _of_snapshot(kind: str, thing: Mapping[str, Any]) -> Asked | None:
    id = text_of(thing, "id")
    match kind.split("."):
        case ["invoice", *_]:
            return _asked("invoice", id)
        case ["invoice_payment", *_] | ["credit_note", *_]:
            return _asked("invoice", id_of(thing.get("invoice")))
        case ["checkout", *_]:
            invoice = _asked("invoice", id_of(thing.get("invoice")))
            return invoice or _asked("subscription", id_of(thing.get("subscription")))
        case ["payment_intent", *_]:
            return _asked("payment_intent", id)
        case ["charge", "dispute" | "refund", *_] | ["refund", *_]:
            charge = _asked("charge", id_of(thing.get("charge")))
            return charge or _asked("payment_intent", id_of(thing.get("payment_intent")))
        case ["charge", *_]:
            return _asked("charge", id_of(thing.get("charge")) or id)
        case ["customer", "subscription", *_]:
            return _asked("subscription", id)
        case ["subscription_schedule", *_]:
            return _asked("subscription", id_of(thing.get("subscription")))
    return None


def _of_related(related: Mapping[str, Any]) -> Asked | None:
    id, kind_text = text_of(related, "id"), text_of(related, "type") or ""
    prefix = (id or "").partition("_")[0]
    kind = _RELATED.get(kind_text.removeprefix("v1.")) or _PREFIXES.get(prefix)
    return None if kind is None else _asked(kind, id)


def _asked(what: What, subject: str | None) -> Asked | None:
    if subject is None or subject.startswith(_PREVIEW):
        return None
    return Asked(what=what, subject=subject)
