"""Terms: the frozen snapshot of one trade. Later policy edits never change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal

from offers.quote import Quote
from offers.terms.get import Get
from offers.terms.gets import read_get
from offers.terms.gives import Give, read_give

Approval = Literal["none", "rep", "manager"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What was promised, for what, until when, at which price."""

    policy_id: str
    policy_version: str
    rule: str
    why: str
    email: str | None
    """The mail template, when the offer goes out by mail."""
    gives: Mapping[str, object]
    gets: Mapping[str, object]
    quote: Quote | None
    """`None` when no price is public and no give needs one."""
    reserve_minor: int
    """The highest possible cost, in the policy's currency: what the month's budget holds back.

    The gives cover the seats and months quoted; what an order has beyond them is at list price.
    """
    reserve_currency: str
    ends_at: datetime
    timezone: str
    sentence: str
    approval: Approval = "none"
    """Who must approve before it is issued."""
    needs_card_country: str | None = None
    """The country the card must show at redemption, for an offer that rests on one."""

    def give_terms(self) -> list[Give]:
        """The gives as they can be priced and fulfilled."""
        return [read_give(kind, value) for kind, value in self.gives.items()]

    def get_terms(self) -> list[Get]:
        """The gets as an order can be checked against."""
        return [read_get(kind, value) for kind, value in self.gets.items()]

    def to_json(self) -> dict[str, Any]:  # JSON has no narrower type
        """What the API answers and the ledger stores."""
        named = {name: getattr(self, name) for name in FIELDS}
        return named | {
            "gives": dict(self.gives),
            "gets": dict(self.gets),
            "quote": self.quote.to_json() if self.quote else None,
            "ends_at": self.ends_at.isoformat().replace("+00:00", "Z"),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Terms:
        """The same terms again."""
        quoted = stored["quote"]
        if quoted is not None:
            known = (field.name for field in fields(Quote))
            quoted = Quote(**{name: quoted[name] for name in known if name in quoted})
        ends_at = datetime.fromisoformat(stored["ends_at"])
        named = {name: stored[name] for name in FIELDS if name in stored}
        return cls(**(named | {"quote": quoted, "ends_at": ends_at}))


FIELDS = tuple(field.name for field in fields(Terms))
