"""What every get has: a kind, a phrase, and what an order must show."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime
from typing import ClassVar, Self

from offers.quote import Quote
from offers.terms.order import Missed, Order
from offers.terms.reading import read_yes


class Get(ABC):
    """One condition."""

    kind: ClassVar[str]
    recurs: ClassVar[bool] = False
    """Whether shrinking below it later reverses the give."""

    needs_word: ClassVar[bool] = False
    """Whether nothing but a person's or an order's word shows it."""

    value: object = True

    within_days: int | None = None
    """For a deed that may follow the order: the days it has; owed until it is done."""

    @classmethod
    def read(cls, value: object) -> Self:
        """From the policy file's value; raises `TermError`."""
        read_yes(cls.kind, value)
        return cls()

    @abstractmethod
    def phrase(self) -> str:
        """The condition as a noun phrase: "a call with us"."""

    def missed_by(self, order: Order, ends_at: datetime) -> Missed | None:
        """What the order lacks, or `None` when it satisfies this get."""
        shown = order.shows.get(self.kind)
        return None if shown is True else Missed(self.kind, True, shown, "not seen")

    def worth_minor(self, quote: Quote | None, stated: int) -> int:
        """What it brings for a quote: the policy's `[worth]` unless the quote itself says."""
        return stated

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Get) and (self.kind, self.value) == (other.kind, other.value)

    def __hash__(self) -> int:
        return hash(self.kind)
