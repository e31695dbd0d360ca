"""What is answered about many accounts: rates, modes, channels; use cases build it as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from service.schemas.fields import Answer


class RateAnswer(Answer):
    """A share with its 95 % interval, and what those outside of it objected most."""

    numerator: int
    denominator: int
    low: float
    high: float
    top_objection: str | None


class RatesOfAll(Answer):
    """The four rates; null where a group cannot be said."""

    coverage: RateAnswer | None
    conversion: RateAnswer | None
    repeat: RateAnswer | None
    penetration: RateAnswer | None


class RatesOfGroup(RatesOfAll):
    """The four rates of a group."""

    group: str


class RatesAnswer(Answer):
    """Rates by a group, and of all."""

    by: str
    from_: str = Field(alias="from")
    to: str
    groups: list[RatesOfGroup]
    all: RatesOfAll


class RevenueAnswer(Answer):
    """Money of one currency before refunds, and its share of the month's."""

    currency: str
    minor: int
    share: float | None


class ServedAnswer(Answer):
    """What was served in one way in a month."""

    orders: int
    orders_share: float | None
    customers: int
    customers_share: float | None
    revenue: list[RevenueAnswer]


class MonthAnswer(Answer):
    """How a month's orders were served."""

    month: str
    manual: ServedAnswer
    semi_automatic: ServedAnswer
    automatic: ServedAnswer


class ModesAnswer(Answer):
    """By month."""

    from_: str = Field(alias="from")
    to: str
    months: list[MonthAnswer]


class FigureAnswer(Answer):
    """A number, and whether it was counted or pulled towards the common one."""

    value: float
    kind: Literal["counted", "shrunk"]
    low: float | None
    high: float | None


class ChannelAnswer(Answer):
    """One source."""

    source: str
    currency: str | None
    spend_minor: int | None
    leads: int
    mean_score: FigureAnswer | None
    accounts: int
    closed_accounts: int
    bought: int
    conversion: FigureAnswer | None
    conversion_shrunk: FigureAnswer | None
    rank: FigureAnswer | None
    cost_per_trial_minor: FigureAnswer | None
    cost_per_paying_minor: FigureAnswer | None
    payback_months: FigureAnswer | None
    churn: FigureAnswer | None


class ChannelsAnswer(Answer):
    """All sources, the best expected rank first."""

    closed_after_days: int
    note: str
    channels: list[ChannelAnswer]


class CostAnswer(Answer):
    """What a month cost."""

    month: str
    amount: dict[str, int | str]


class CostsAnswer(Answer):
    """All that is known of a channel's costs."""

    source: str
    costs: list[CostAnswer]
