"""What is answered about offers and their tasks; use cases build them as plain JSON."""

from __future__ import annotations

from typing import Any, Literal

from service.schemas.fields import Answer


class DecisionAnswer(Answer):
    """An offer or none, and every verdict that led to it."""

    offer: dict[str, Any] | None
    offer_id: str | None
    issued: bool
    verdicts: list[dict[str, Any]]
    guardrails: list[dict[str, Any]]
    near_misses: list[dict[str, Any]]
    notes: list[str]


class AcceptedAnswer(Answer):
    """What a customer took: the seats, when, and the quote they saw."""

    seats: int | None
    at: str
    quote: dict[str, Any] | None


class OnAccountAnswer(Answer):
    """An order that is paid later."""

    invoice: str
    ordered_at: str
    due_at: str
    minor: int
    currency: str


class OfferAnswer(Answer):
    """One line of the ledger of offers."""

    id: str
    number: int
    code: str | None
    lead_id: str
    state: str
    rule: str
    policy_id: str
    policy_version: str
    terms: dict[str, Any]
    by: str
    issued_at: str
    ends_at: str
    accepted: AcceptedAnswer | None
    """What the customer took; null until they accept."""
    on_account: OnAccountAnswer | None
    """The order that is paid later; null without one."""
    late_days: int | None
    """How long after its due date that order was paid."""
    declined: str | None
    """The reason for which the customer declined it; null unless they did."""


class TaskAnswer(Answer):
    """One give to hand over, or to take back."""

    id: str
    offer_id: str
    kind: Literal[
        "grant",
        "take_back",
        "confirm",
        "restore",
        "refund",
        "follow_up",
        "accepted",
        "owed",
        "remind",
        "overdue",
        "question",
    ]
    give: str
    value: Any
    recipe: str
    state: Literal["open", "requested", "done", "dropped"]
    made_at: str
    due_at: str | None
    """The last moment of what is owed; null where nothing is dated."""
    ended_at: str | None
    ended_by: str | None
    reason: str | None
    """What kept a machine from doing it."""


class TasksAnswer(Answer):
    """What redeemed offers still have to be given, the oldest first."""

    tasks: list[TaskAnswer]


class OwedAnswer(Answer):
    """A deed that may follow the order, and its last moment."""

    get: str
    value: Any
    due_at: str
    state: Literal["open", "done", "dropped"]


class GiveAnswer(Answer):
    """How one give of a redeemed offer stands."""

    give: str
    kind: str
    state: Literal["requested", "delivered", "failed", "taken back"]
    since: str
    reason: str | None


class RemarkAnswer(Answer):
    """What a customer wrote on the offer's page."""

    kind: Literal["question", "call", "decline", "approval"]
    words: str
    at: str


class OfferPage(OfferAnswer):
    """One offer, how its gives stand, its tasks, and what the customer wrote."""

    remarks: list[RemarkAnswer]

    owes: list[OwedAnswer]
    """What the customer promised with the order; `open` until it is done."""
    commitment_until: str | None
    """The end of the term that was bought, once an order redeemed it."""
    gives: list[GiveAnswer]
    tasks: list[TaskAnswer]


class OffersAnswer(Answer):
    """Offers, newest first."""

    offers: list[OfferAnswer]


class ProductOfferWords(Answer):
    """An open offer in the words of its lead's language; an empty text where it says nothing."""

    id: str
    state: Literal["issued", "sent", "viewed"]
    language: str
    title: str
    gives: str
    gets: str
    trade: str
    price: str
    worth: str
    """What is given without charge, at list price, and what is paid for everything."""
    renewal: str
    ends: str
    button: str
    link: str
    """The customer's page, where the offer is accepted."""


class ProductOfferAnswer(Answer):
    """The offer to show in the product, or why there is none."""

    offer: ProductOfferWords | None
    why: (
        Literal[
            "no_open_offer",
            "held_out",
            "awaiting_approval",
            "accepted",
            "missed",
            "offer_ended",
            "touched_since",
            "rule_paused",
            "ground_not_accepted",
            "for_another_person",
            "shadow",
        ]
        | None
    )
