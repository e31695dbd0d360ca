"""What an account's ledger adds up to. Pure; the same for any order in which it was told.

An invoice counts once, by whatever doors it came, and so does a period that a list of subscriptions
told beside its invoice; a refund never gives back more than its invoice
brought. Seats are counted by subscription, where entries name one. A sale that was given back in
full begins nothing; of a subscription that goes on, the seats that it told of stand.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from unicodedata import normalize

from offers.months import add_months

Kind = Literal["converted", "lost", "renewed", "changed", "churned", "refunded"]
KINDS: tuple[Kind, ...] = ("converted", "changed", "lost", "churned", "renewed", "refunded")
"""Of what happened in one moment, in this order: who renews when access ends goes on."""
SALES = ("converted", "renewed", "changed")
"""What brings money, where it names an amount."""
_PERIODS = ("converted", "renewed")
_CLOCKS = timedelta(days=1)
"""By so much a payment may lie before the period that a list of whole days tells."""
RECORDED = timedelta(days=90)
"""A rep's record of a sale is of a payment so near it."""


def invoice_key(name: str) -> str:
    """The one spelling of an invoice's name; upper and lower case are two, as of any other id."""
    return normalize("NFKC", name).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the ledger."""

    id: str
    lead: str
    kind: Kind
    at: datetime
    subscription: str | None = None
    plan: str | None = None
    seats: int | None = None
    months: int | None = None
    """That the money covers."""
    minor: int | None = None
    currency: str | None = None
    invoice: str | None = None
    by: str | None = None
    """The rep who recorded it."""

    def __post_init__(self) -> None:
        if self.invoice is not None:
            object.__setattr__(self, "invoice", invoice_key(self.invoice))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """Money of one currency, in its minor units."""

    currency: str
    paid_minor: int
    refunded_minor: int

    @property
    def kept_minor(self) -> int:
        """What was paid and not given back."""
        return self.paid_minor - self.refunded_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An account from a moment on."""

    at: datetime
    seats: int | None
    """Held; `None` while nobody told of any."""
    is_customer: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountMoney:
    """How an account stands at a moment."""

    sums: Sequence[Sum] = ()
    """By currency, that of the newest payment first."""
    plan: str | None = None
    first_sale_at: datetime | None = None
    payments: Sequence[Entry] = ()
    """Sales with money, oldest first, an invoice once."""
    undone: Collection[str] = ()
    """The ids of sales that were given back in full."""
    paid_until: datetime | None = None
    """The end of the newest period that was paid for."""
    ends_at: datetime | None = None
    """When access will end, where that was told."""
    course: Sequence[Standing] = ()
    """How it stood after each entry since its first sale."""
    entries: Sequence[Entry] = ()
    """All of them up to the moment and known ends after it, in order."""

    @property
    def periods(self) -> Sequence[Entry]:
        """The payments that a period began with and that were not given back in full, oldest first;
        a change in the middle of a period begins none."""
        return [e for e in self.payments if e.kind != "changed" and e.id not in self.undone]

    @property
    def paid_months(self) -> int:
        """The months that were paid for."""
        return sum(entry.months or 1 for entry in self.periods)

    @property
    def seats(self) -> int | None:
        """Held now; `None` while nobody told of any."""
        return self.course[-1].seats if self.course else None

    @property
    def seats_course(self) -> Sequence[Standing]:
        """How it stood whenever its seats became others, the first time too."""
        before = [None, *self.course]
        pairs = zip(before, self.course, strict=False)
        return [s for last, s in pairs if last is None or last.seats != s.seats]

    def seats_before(self, moment: datetime) -> int | None:
        """Held just before a moment; `None` while nobody had told of any."""
        return next((s.seats for s in reversed(self.course) if s.at < moment), None)

    @property
    def is_customer(self) -> bool:
        """Whether something was bought and has not ended."""
        return bool(self.course) and self.course[-1].is_customer

    @property
    def customer_since(self) -> datetime | None:
        """When the time as a customer that still runs began."""
        since = None
        for standing in reversed(self.course):
            if not standing.is_customer:
                break
            since = standing.at
        return since

    @property
    def ended_at(self) -> datetime | None:
        """When access ended with everything that had been bought."""
        if not self.course or self.is_customer:
            return None
        since = self.course[-1].at
        for standing in reversed(self.course):
            if standing.is_customer:
                break
            since = standing.at
        return since

    @property
    def currency(self) -> str | None:
        """That of the newest payment."""
        return self.sums[0].currency if self.sums else None


def add_up(told: Iterable[Entry], now: datetime, zone: str) -> AccountMoney:
    """What the entries come to at a moment; months are calendar months of the billing zone."""
    entries = _invoiced(sorted(told, key=lambda e: (e.at, KINDS.index(e.kind), e.id)), zone)
    entries = _once(entries)
    past = [entry for entry in entries if entry.at <= now]
    sold = [entry for entry in past if entry.kind in SALES]
    payments = [entry for entry in sold if entry.minor is not None]
    refunds = [entry for entry in past if entry.kind == "refunded"]
    undone = _undone(sold, refunds)
    sales = [entry for entry in sold if entry.id not in undone]
    bought = [entry for entry in sold if entry.kind in _PERIODS] if sales else []
    to_come = [e.at for e in entries if e.kind == "churned" and e.at > now]
    return AccountMoney(
        sums=_sums(payments, refunds),
        plan=next((entry.plan for entry in reversed(sales) if entry.plan), None),
        first_sale_at=min((entry.at for entry in sales), default=None),
        payments=payments,
        undone=undone,
        paid_until=max((add_months(e.at, e.months or 1, zone) for e in bought), default=None),
        course=_course(past, undone),
        ends_at=min(to_come, default=None),
        entries=entries,
    )


def _invoiced(entries: Sequence[Entry], zone: str) -> list[Entry]:
    """The entries without each period's sale that has no invoice where its subscription has one.

    An invoice is paid within a month of its period's begin; it learns what the other line knew.
    """
    periods = [e for e in entries if e.kind in _PERIODS and e.subscription is not None]
    paid = [e for e in periods if e.invoice is not None]
    gone: set[str] = set()
    known: dict[str, Entry] = {}
    for told in periods:
        if told.invoice is not None:
            continue
        first, last = told.at - _CLOCKS, add_months(told.at, 1, zone)
        same = (e for e in paid if e.subscription == told.subscription and first <= e.at < last)
        if (invoice := next(same, None)) is not None:
            gone.add(told.id)
            known[invoice.id] = told
    return [_with(e, known.get(e.id), ("plan", "seats")) for e in entries if e.id not in gone]


def _with(entry: Entry, other: Entry | None, names: Iterable[str]) -> Entry:
    """The entry with what only the other line of the same payment knows."""
    if other is None:
        return entry
    more = {name: getattr(other, name) for name in names if getattr(entry, name) is None}
    return replace(entry, **more)


def _once(entries: Iterable[Entry]) -> list[Entry]:
    """Each invoice's payment once: its oldest line, with what its other lines know besides."""
    found: list[Entry] = []
    by_invoice: dict[str, int] = {}
    for entry in entries:
        place = by_invoice.get(entry.invoice or "")
        if entry.kind not in SALES or entry.minor is None or entry.invoice is None:
            found.append(entry)
        elif place is None:
            by_invoice[entry.invoice] = len(found)
            found.append(entry)
        else:
            found[place] = _with(found[place], entry, ("subscription", "plan", "seats"))
    return found


def given_back(told: Iterable[Entry], invoice: str) -> Mapping[str, int]:
    """What was given back of an invoice, by currency; nothing where it came back again."""
    key = invoice_key(invoice)
    refunds = [e for e in told if e.kind == "refunded" and e.invoice == key]
    return {name: minor for (name, _), minor in _given_back(refunds).items() if minor > 0}


def _undone(sold: Sequence[Entry], refunds: Sequence[Entry]) -> frozenset[str]:
    """The sales that were given back in full, with a rep's record of them where it is of no other
    payment."""
    back = _given_back(refunds)
    payments = [sale for sale in sold if sale.minor is not None]
    undone = {sale.id for sale in payments if sale.minor and _back_of(sale, back) >= sale.minor}
    for record in sold:
        near = [paid.id for paid in payments if are_one(record, paid)]
        if record.minor is None and record.by is not None and near and undone.issuperset(near):
            undone.add(record.id)
    return frozenset(undone)


def are_one(record: Entry, payment: Entry) -> bool:
    """Whether a rep's record may be of a payment."""
    return abs(record.at - payment.at) <= RECORDED


def _back_of(sale: Entry, given_back: Mapping[tuple[str, str], int]) -> int:
    """What of a sale was given back; of one without an invoice nobody knows."""
    if sale.currency is None or sale.invoice is None:
        return 0
    return given_back.get((sale.currency, sale.invoice), 0)


def _given_back(refunds: Sequence[Entry]) -> dict[tuple[str, str], int]:
    """By currency and invoice; an empty name for none."""
    found: dict[tuple[str, str], int] = {}
    for entry in refunds:
        if entry.currency is not None and entry.minor is not None:
            place = (entry.currency, entry.invoice or "")
            found[place] = found.get(place, 0) + entry.minor
    return found


def _course(past: Sequence[Entry], undone: Collection[str]) -> list[Standing]:
    """How the account stood after each entry that is about more than money."""
    seats: dict[str | None, int] = {}
    bought: set[str | None] = set()
    course: list[Standing] = []
    for entry in past:
        of = entry.subscription
        is_of_one = of in bought or (len(bought) == 1 if of is None else bought == {None})
        if entry.id in undone and not is_of_one:
            continue
        if entry.kind in SALES:
            if of is None and len(bought) == 1:
                (of,) = bought
            elif of is not None and bought == {None}:  # the one that had no name so far
                seats, bought = ({of: seats[None]} if None in seats else {}), {of}
            elif of is None:
                seats, bought = {}, set()
            bought.add(of)
            if entry.seats is not None:
                seats[of] = entry.seats
        elif entry.kind == "churned":
            gone = {of} if of in bought else bought if of is None or bought == {None} else set()
            bought = bought - gone
            seats = {name: count for name, count in seats.items() if name in bought}
        held = sum(seats.values()) if seats else None if bought else 0
        if bought or course:
            course.append(Standing(at=entry.at, seats=held, is_customer=bool(bought)))
    return course


def _sums(payments: Sequence[Entry], refunds: Sequence[Entry]) -> list[Sum]:
    paid: dict[str, int] = {}
    by_invoice: dict[tuple[str, str], int] = {}
    for entry in payments:
        assert entry.currency is not None
        assert entry.minor is not None
        paid[entry.currency] = paid.pop(entry.currency, 0) + entry.minor  # the newest stands last
        if entry.invoice is not None:
            by_invoice[entry.currency, entry.invoice] = entry.minor
    refunded: dict[str, int] = {}
    for (currency, invoice), minor in _given_back(refunds).items():
        most = by_invoice.get((currency, invoice), minor)
        refunded[currency] = refunded.get(currency, 0) + min(minor, most)
    currencies = [*reversed(paid), *(c for c in sorted(refunded) if c not in paid)]
    return [
        Sum(currency=c, paid_minor=paid.get(c, 0), refunded_minor=refunded.get(c, 0))
        for c in currencies
    ]
