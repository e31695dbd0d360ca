"""How many accounts signed up, bought, renewed and use what they could, by a group. Pure.

Everything is counted by account. Who is too young to have decided is in no denominator.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from offers.months import add_months
from scoring.model.intervals import wilson
from service.domain.account_life import NOT_KNOWN, AccountLife, Target
from service.domain.account_money import Entry

By = Literal["rep", "country", "source", "segment", "month"]
BYS: tuple[By, ...] = get_args(By)
GRACE = timedelta(days=30)
"""A renewal may be paid so long after it was due; then it is decided."""
EARLY = timedelta(days=90)
"""What is told as a renewal so long before the due day goes on from that day."""
RATES = ("coverage", "conversion", "repeat", "penetration")
_NOT_OF_TARGETS = ("source", "month")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A share with its 95 % interval (Wilson), and what those outside of it objected most."""

    numerator: int
    denominator: int
    low: float
    high: float
    top_objection: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From a moment on and before another, looked at now; months are of the billing zone."""

    start: datetime
    end: datetime
    now: datetime
    zone: str
    conversion_days: int

    def holds(self, at: datetime) -> bool:
        """Whether a moment lies in it."""
        return self.start <= at < self.end

    def month(self, at: datetime) -> str:
        """The calendar month of a moment."""
        return f"{at.astimezone(ZoneInfo(self.zone)):%Y-%m}"


@dataclass(slots=True)
class Count:
    """Both sides of a share, and what those outside of it objected."""

    numerator: int = 0
    denominator: int = 0
    objections: Counter[str] = field(default_factory=Counter)

    def add(self, life: AccountLife | None, numerator: int, denominator: int) -> None:
        """Count one account."""
        self.numerator += numerator
        self.denominator += denominator
        if life is not None and numerator < denominator:
            self.objections.update(life.objections)

    def rate(self) -> Rate:
        """The share."""
        low, high = wilson(self.numerator, self.denominator)
        heard = +self.objections
        top = min(heard, key=lambda name: (-heard[name], name), default=None)
        return Rate(
            numerator=self.numerator,
            denominator=self.denominator,
            low=low,
            high=high,
            top_objection=top,
        )


Counts = dict[tuple[str, str], Count]
"""By rate and group; a group to which nobody belongs is left out."""
_Item = tuple[str, AccountLife | None, int, int]
"""A group, an account of it, and what it adds to both sides of a share."""


def rates(
    lives: Sequence[AccountLife], targets: Sequence[Target], by: By | None, window: Window
) -> Mapping[str, Mapping[str, Rate | None]]:
    """Each group's rates; with `by` None one group, `all`. None where a group cannot be said.

    A target that has not signed up came by no channel and in no month.
    """
    seen = {life.account: life for life in lives}
    counts = counted(lives, by, window) | counted_of_targets(targets, seen, by, window)
    return told(counts, by)


def counted(lives: Sequence[AccountLife], by: By | None, window: Window) -> Counts:
    """Conversion and repeat of these accounts."""
    return _counts(
        {"conversion": _conversion(lives, by, window), "repeat": _repeat(lives, by, window)}
    )


def converted(lives: Sequence[AccountLife], by: By | None, window: Window) -> Counts:
    """Conversion of these accounts."""
    return _counts({"conversion": _conversion(lives, by, window)})


def repeated(lives: Sequence[AccountLife], by: By | None, window: Window) -> Counts:
    """Repeat of these accounts."""
    return _counts({"repeat": _repeat(lives, by, window)})


def counted_of_targets(
    targets: Sequence[Target], seen: Mapping[str, AccountLife], by: By | None, window: Window
) -> Counts:
    """Coverage and penetration of the targets, of which `seen` signed up; none by what a target
    that did not sign up cannot have."""
    if by in _NOT_OF_TARGETS:
        return {}
    return _counts(
        {
            "coverage": _coverage(targets, seen, by, window),
            "penetration": _penetration(targets, seen, by, window),
        }
    )


def summed(*signed: tuple[int, Counts]) -> Counts:
    """Counts added up, each times 1 or -1; what comes to nobody is left out."""
    found: Counts = {}
    for sign, counts in signed:
        for place, count in counts.items():
            total = found.setdefault(place, Count())
            total.numerator += sign * count.numerator
            total.denominator += sign * count.denominator
            for objection, times in count.objections.items():
                total.objections[objection] += sign * times
    return {place: count for place, count in found.items() if count.denominator}


def renamed(counts: Counts, called: Mapping[str, str]) -> Counts:
    """The counts of groups under their names in `called`, those of one name together."""
    return summed(*((1, {(rate, called[group]): one}) for (rate, group), one in counts.items()))


def of_all(of_groups: Counts) -> Counts:
    """The counts of all, from those of groups of which every account is in one."""
    return summed(*((1, {(rate, "all"): count}) for (rate, _), count in of_groups.items()))


def told(counts: Counts, by: By | None) -> Mapping[str, Mapping[str, Rate | None]]:
    """The rates of what was counted by a group."""
    groups = {group for _, group in counts} | ({"all"} if by is None else set())
    names = {"conversion", "repeat"} if by in _NOT_OF_TARGETS else set(RATES)
    return {
        group: {
            name: counts.get((name, group), Count()).rate() if name in names else None
            for name in RATES
        }
        for group in sorted(groups)
    }


def _counts(items: Mapping[str, Iterable[_Item]]) -> Counts:
    found: Counts = {}
    for name, listed in items.items():
        for group, life, numerator, denominator in listed:
            found.setdefault((name, group), Count()).add(life, numerator, denominator)
    return found


def _of(by: By | None, window: Window) -> Callable[[AccountLife, datetime], str]:
    def group(life: AccountLife, at: datetime) -> str:
        if by is None:
            return "all"
        return window.month(at) if by == "month" else getattr(life, by) or NOT_KNOWN

    return group


def _conversion(lives: Sequence[AccountLife], by: By | None, window: Window) -> Iterator[_Item]:
    group = _of(by, window)
    days = timedelta(days=window.conversion_days)
    for life in lives:
        if window.holds(life.signed_up_at) and life.signed_up_at + days <= window.now:
            bought = life.money.first_sale_at is not None
            yield group(life, life.signed_up_at), life, int(bought), 1


def _repeat(lives: Sequence[AccountLife], by: By | None, window: Window) -> Iterator[_Item]:
    group = _of(by, window)
    for life in lives:
        decided = [
            (due, renewed)
            for due, renewed in renewals(life, window.now, window.zone)
            if window.holds(due)
        ]
        months = {group(life, due): renewed for due, renewed in decided}  # the newest of a group
        for name, renewed in months.items():
            yield name, life, int(renewed), 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """When a paid period ended, whether it was paid on, and from when on that is decided."""

    due_at: datetime
    is_renewed: bool
    decided_at: datetime | None
    """None: it was decided by the payment that followed."""


def renewals(life: AccountLife, now: datetime, zone: str) -> list[tuple[datetime, bool]]:
    """When an account's paid periods ended, and whether it paid on; not what is still open."""
    return [
        (period.due_at, period.is_renewed)
        for period in periods(life, zone)
        if period.decided_at is None or period.decided_at <= now
    ]


def periods(life: AccountLife, zone: str) -> list[Period]:
    """An account's paid periods in the order of their ends, those not renewed first of one end.

    A period is renewed by a payment for time after its due day that came before the account was
    gone, and not later than the grace. Free months are no renewal: they put the day off.
    """
    paid = life.money.periods
    ends = [_end_of(life, entry, entry.at, zone) for entry in paid]
    gone = [_gone_at(life, entry) for entry in paid]

    def goes_on(number: int, later: int, due: datetime) -> bool:
        """Whether a later payment goes on from a period that is due then."""
        entry, other, left = paid[number], paid[later], gone[number]
        is_same = None in (entry.subscription, other.subscription)
        is_same = is_same or entry.subscription == other.subscription
        is_in_time = entry.at < other.at <= due + GRACE and (left is None or other.at <= left)
        return is_same and is_in_time and ends[later] > due

    dues: list[datetime] = []
    for number, entry in enumerate(paid):
        begins = max(
            (
                due
                for before, due in enumerate(dues)
                if entry.kind == "renewed"
                and entry.at < due <= entry.at + EARLY
                and goes_on(before, number, due)
            ),
            default=entry.at,
        )
        dues.append(_end_of(life, entry, begins, zone))
    found = []
    for number, (due, left) in enumerate(zip(dues, gone, strict=True)):
        renewed = any(goes_on(number, later, due) for later in range(number + 1, len(paid)))
        decided_at = due + GRACE if left is None else min(due + GRACE, max(due, left))
        found.append(
            Period(due_at=due, is_renewed=renewed, decided_at=None if renewed else decided_at)
        )
    return sorted(found, key=lambda period: (period.due_at, period.is_renewed))


def _end_of(life: AccountLife, entry: Entry, begins: datetime, zone: str) -> datetime:
    """When the period of a payment is over, with its free months."""
    months = (entry.months or 1) + life.free_months.get(entry.invoice or "", 0)
    return add_months(begins, months, zone)


def _gone_at(life: AccountLife, entry: Entry) -> datetime | None:
    """When what was paid for ended after all: by itself or with the whole account."""
    whole = [s.at for s in life.money.course if s.at >= entry.at and not s.is_customer]
    own = [
        other.at
        for other in life.money.entries
        if other.kind == "churned"
        and other.at >= entry.at
        and entry.subscription is not None
        and other.subscription == entry.subscription
    ]
    return min(whole + own, default=None)


def _coverage(
    targets: Sequence[Target], seen: Mapping[str, AccountLife], by: By | None, window: Window
) -> Iterator[_Item]:
    for target in targets:
        life = seen.get(target.account)
        is_here = life is not None and life.signed_up_at < window.end
        yield _of_target(target, life, by), life if is_here else None, int(is_here), 1


def _penetration(
    targets: Sequence[Target], seen: Mapping[str, AccountLife], by: By | None, window: Window
) -> Iterator[_Item]:
    for target in targets:
        if target.seats:
            life = seen.get(target.account)
            held = (life.money.seats_before(window.end) or 0) if life is not None else 0
            yield _of_target(target, life, by), life, min(held, target.seats), target.seats


def _of_target(target: Target, life: AccountLife | None, by: By | None) -> str:
    if by is None:
        return "all"
    told: str | None = getattr(target, by)
    known: str | None = None if life is None else getattr(life, by)
    return told or known or NOT_KNOWN
