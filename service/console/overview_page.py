"""The overview, a manager's home: what came, what waits for them, what the offers earned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from markupsafe import Markup

from scoring.experiments.assignment import NotRandom
from scoring.experiments.effect import Effect
from scoring.report import svg
from service.console import people, words
from service.console.drift import drift
from service.console.filters import not_understood
from service.console.page_context import PageContext
from service.store.ops import daily, switches
from service.store.queue import listing, reps
from service.use_cases.policies.standing import drafts_for
from service.use_cases.views.earned import earned, earned_in_words, together
from service.use_cases.views.lead_figures import LeadFigures
from service.use_cases.views.mailable import of_live_trials
from service.use_cases.views.measured_effects import (
    Measured,
    earliest_verdict,
    estimate,
    in_points,
    measured,
    net_in_words,
)
from service.use_cases.views.verdict_reason import headline, why_in_words

_DAYS = (7, 30, 90)
_MOST_DAYS, _FIRST_DAY = 366, date(2000, 1, 1)
_WEEK = timedelta(days=7)
_NEWEST_TRIALS = 100
_SPARK = (168, 36)
_LIFT = (260, 26)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of the range; `change` is in words against as long a time before."""

    caption: str
    value: str
    change: str
    spark: Markup
    link: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Something a person has to look at: how much of it, what it is, where."""

    count: int | None
    says: str
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """What one rule's offers changed, or how far the first reading that can decide is."""

    rule: str
    says: str
    why: str
    """The reason of the verdict: reading, limits, accounts."""
    estimate: str
    picture: Markup
    label: str
    money: str = ""
    """What was sold and conceded, and what was gained over the held out."""


def page(look: PageContext) -> dict[str, Any]:
    """What the overview shows: `?from=2026-11-01&to=2026-11-29`, or the last 30 days."""
    first, last, wrong = _range(look)
    length = (last - first).days + 1
    return {
        "first": first,
        "last": last,
        "wrong": wrong,
        "tabs": [(f"{days} days", _address(look.now.date(), days), days) for days in _DAYS],
        "days": length,
        "shown_days": length if last == look.now.date() else None,
        "figures": _figures(look, first, length),
        "needs": list(_needs(look)),
        "lifts": _lifts(look),
    }


def _address(today: date, days: int) -> str:
    """Both ends, so that who is sent the address sees the same days."""
    return f"/?from={today - timedelta(days=days - 1)}&to={today}"


def _range(look: PageContext) -> tuple[date, date, str]:
    """First and last day, as asked, and what is wrong with them.

    What is no day falls back and is said, what is none of ours falls back; two that are reversed
    are put in order and said.
    """
    today = look.now.date()
    asked, end = _day(look.asked.get("from")), _day(look.asked.get("to"))
    wrong = ""
    if asked is not None and end is not None and end < asked:
        asked, end = end, asked
        wrong = "The end was before the start: the two days are swapped."
    told = {name: look.asked.get(name, "") for name in ("from", "to")}
    misread = {name: value for name, value in told.items() if value and _day(value) is None}
    wrong = not_understood(misread, "Choose a day of the calendar.") or wrong
    last = max(min(end or today, today), _FIRST_DAY)
    first = asked or last - timedelta(days=29)
    return max(min(first, last), last - timedelta(days=_MOST_DAYS - 1)), last, wrong


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _figures(look: PageContext, first: date, days: int) -> list[Figure]:
    """Twice the range is read: the second half is shown, the first is what it is held against."""
    start = datetime.combine(first, time(), UTC) - timedelta(days=days)
    found = LeadFigures(look.connection).daily(start, 2 * days)
    in_time, due, conceded = found.in_time, found.due, found.conceded
    began = daily.first_sign_up(look.connection)
    is_whole = began is not None and began < start + timedelta(days=1)
    currency = look.runtime.policy.currency
    before = _counts_before(in_time, due) if is_whole else ""

    def against(change: str) -> str:
        """The change as a sentence; where sign-ups began later there is nothing to hold it to."""
        if not is_whole:
            return f"no data for all of the {_before(days)}"
        return change and f"{change} on the {_before(days)}"

    def counted(caption: str, both: Sequence[int], value: str, link: str, meaning: str) -> Figure:
        return Figure(
            caption=caption,
            value=value,
            change=against(_percent(both)),
            spark=_spark(both[days:]),
            link=link,
            meaning=meaning,
        )

    return [
        counted(
            "Sign-ups", found.signed_up, f"{sum(found.signed_up[days:]):,}", "/leads", "New trials."
        ),
        Figure(
            caption="Contacted in time",
            value=_share(in_time[days:], due[days:]),
            change=f"{against(_points(in_time, due))} {before}".strip(),
            spark=_spark([a / b if b else 0.0 for a, b in zip(in_time, due, strict=True)][days:]),
            link="/team#response-times",
            meaning=f"{sum(in_time[days:]):,} of {sum(due[days:]):,} times that a lead was due to "
            "a rep in these days, a rep took it by then. Response times count first contacts only.",
        ),
        counted(
            "Converted",
            found.converted,
            f"{sum(found.converted[days:]):,}",
            "/leads",
            "Became customers in these days, whenever they signed up.",
        ),
        counted(
            "Conceded",
            conceded,
            words.money(sum(conceded[days:]), currency),
            "/ledger",
            "Final cost of the offers redeemed in these days.",
        ),
    ]


def _before(days: int) -> str:
    return "day before" if days == 1 else f"{days} days before"


def _percent(both: Sequence[int]) -> str:
    half = len(both) // 2
    before, now = sum(both[:half]), sum(both[half:])
    return _signed(100 * (now - before) / before, "%") if before else ""


def _signed(change: float, unit: str) -> str:
    return f"{change:+,.0f}{unit}" if round(change) else "no change"


def _share(part: Sequence[int], whole: Sequence[int]) -> str:
    return f"{100 * sum(part) / sum(whole):.0f}%" if sum(whole) else "–"


def _points(part: Sequence[int], whole: Sequence[int]) -> str:
    half = len(part) // 2
    if not sum(whole[:half]) or not sum(whole[half:]):
        return ""
    now, before = (sum(part[s]) / sum(whole[s]) for s in (slice(half, None), slice(half)))
    return _signed(100 * (now - before), " points")


def _counts_before(part: Sequence[int], whole: Sequence[int]) -> str:
    """`(before: 11 of 70)`."""
    half = len(part) // 2
    return f"(before: {sum(part[:half]):,} of {sum(whole[:half]):,})"


def _spark(values: Sequence[float]) -> Markup:
    """A line of a value a day, from nothing up."""
    across = svg.Scale(0, max(1, len(values) - 1), 2, _SPARK[0] - 2)
    up = svg.Scale(0, max(values) or 1, _SPARK[1] - 3, 3)
    return svg.sheet(
        _SPARK,
        svg.path("rest", f"M2 {_SPARK[1] - 3}H{_SPARK[0] - 2}"),
        svg.line("mark", [(across.at(day), up.at(value)) for day, value in enumerate(values)]),
    )


def _needs(look: PageContext) -> Iterator[Need]:
    """What waits for a person, the most urgent first."""
    for switch, says in (
        (switches.MAIL_HELD, "Mail is held back: the mail server refuses us"),
        (switches.MAIL_PAUSED, "Mail is paused"),
    ):
        found = switches.find(look.connection, switch)
        if found is not None and found.is_on:
            why = f" ({found.reason})" if found.reason else ""
            yield Need(count=None, says=f"{says}{why}", link="/mail")
    if (count := daily.awaiting_approval(look.connection)) > 0:
        yield Need(count=count, says=f"{_of(count, 'offer')} to approve", link="/offers")
    yield from _drafts(look)
    if (count := daily.open_tasks(look.connection)) > 0:
        yield Need(count=count, says=f"{_of(count, 'task')} to do", link="/tasks")
    if (count := listing.overdue_count(look.connection, look.now)) > 0:
        yield Need(count=count, says=f"{_of(count, 'lead')} past their due time", link="/team")
    here = look.runtime.settings.hours
    if not any(rep.is_here(look.now, here) for rep in reps.everyone(look.connection)):
        yield Need(count=None, says="No rep is available: no lead is assigned", link="/team")
    if (count := daily.without_rep(look.connection)) > 0:
        says = f"{_of(count, 'lead')} with {words.unreached_said('no_eligible_rep')}"
        yield Need(count=count, says=says, link="/team#without-rep")
    for rule, turned in switches.on_under(look.connection, switches.RULE_PAUSED).items():
        yield Need(count=None, says=f"Rule {rule} is paused: {turned.reason}", link="/policy")
    for code in switches.public_codes(look.connection):
        yield Need(count=None, says=f"Code {code} has gone public", link="/policy")
    trials, may = of_live_trials(
        look.connection, look.runtime.settings, look.now, most=_NEWEST_TRIALS
    )
    if trials and not may:
        says = f"None of the newest {trials} trials may be mailed: no ground to write to them"
        yield Need(count=None, says=says, link="/mail")
    moved = drift(look)
    if moved is not None and moved.has_moved and moved.is_sure:
        says = (
            f"Live leads score unlike those that taught the model (drift {moved.psi:.2f}): see "
            "whether they changed, and train it anew if they did"
        )
        yield Need(count=None, says=says, link="/model")
    if (count := daily.undelivered(look.connection, look.now - _WEEK)) > 0:
        says = f"{_of(count, 'mail')} not delivered, or in doubt, in 7 days"
        yield Need(count=count, says=says, link="/mail")
    if switches.is_on(look.connection, switches.WEBHOOK_GONE):
        yield Need(count=None, says="The webhook's target is gone (410)", link="/connections")


def _drafts(look: PageContext) -> Iterator[Need]:
    """Drafts of the policy that this reader may publish, by whom they are."""
    if look.runtime.publication is None:  # a file's policy is served, whatever is published
        return
    found = drafts_for(look.connection, look.caller.actor.who, look.runtime.policy.version)
    if not found:
        return
    called = people.hands(look)
    by = ", ".join(str(called(each.author)) for each in found)
    link = f"/policy/{found[0].version}" if len(found) == 1 else "/policy#versions"
    says = f"{_of(len(found), 'draft')} of the policy to publish, by {by}"
    yield Need(count=len(found), says=says, link=link)


def _of(count: int, noun: str) -> str:
    return noun if count == 1 else f"{noun}s"


def _lifts(look: PageContext) -> list[Lift]:
    """All offers together, then rule by rule, on one scale."""
    every = measured(look.connection, None, now=look.now)
    if not every.found.accounts:
        return []
    rules = sorted({each.first.rule for each in every.found.accounts})
    of_rules = [measured(look.connection, every.policy, now=look.now, rule=r) for r in rules]
    made = [(each, _effect(each)) for each in (every, *of_rules)]
    lines = earned(look.connection, every.policy, every.currency)
    money: dict[str | None, str] = {line.rule: earned_in_words(line) for line in lines}
    if (total := together(lines)) is not None:
        money[None] = earned_in_words(total)
    ends = [
        end
        for each, found in made
        if _is_read(each, found) and found is not None
        for end in (found.conversion.low, found.conversion.high)
        if end is not None
    ]
    scale = svg.Scale(min(0.0, *ends, -0.02), max(0.0, *ends, 0.02), 4, _LIFT[0] - 4)
    return [
        replace(_lift(each, found, scale), money=_money(each, found, money.get(each.rule)))
        for each, found in made
    ]


def _money(made: Measured, found: Effect | None, counted: str | None) -> str:
    """`47 offers, …; gained over the held out, less cost: not known yet: …`."""
    net = "" if found is None else net_in_words(found, made.currency)
    gained = net and f"gained over the held out, less cost: {net}"
    told = "; ".join(part for part in (counted, gained) if part)
    return told[:1].upper() + told[1:]


def _effect(made: Measured) -> Effect | None:
    try:
        return estimate(made)
    except NotRandom:
        return None


def _is_read(made: Measured, found: Effect | None) -> bool:
    return found is not None and (made.plan is None or any(each.reached for each in found.readings))


def _lift(made: Measured, found: Effect | None, scale: svg.Scale) -> Lift:
    rule = made.rule or "All offers"
    if found is None:
        return Lift(
            rule=rule,
            says="Not comparable",
            why="",
            estimate="",
            picture=_gauge(0, 1),
            label="no reading",
        )
    says, why = headline(found, made), why_in_words(found, made)
    shown = found.conversion
    if _is_read(made, found) and shown.low is not None and shown.high is not None:
        assert shown.value is not None
        low, high, zero = scale.at(shown.low), scale.at(shown.high), scale.at(0.0)
        middle = _LIFT[1] / 2
        picture = svg.sheet(
            _LIFT,
            svg.path("axis", f"M{zero:.1f} 2V{_LIFT[1] - 2}"),
            svg.boxes("fill", [(low, middle - 4, max(high - low, 1.0), 8)]),
            svg.dots([(scale.at(shown.value), middle)]),
        )
        told = in_points(found)
        return Lift(rule=rule, says=says, why=why, estimate=told, picture=picture, label=told)
    earliest = earliest_verdict(made)
    mature = len(made.mature)
    asked = mature if earliest is None else earliest.accounts
    label = f"{mature:,} of {asked:,} accounts"
    picture = _gauge(mature, asked)
    return Lift(rule=rule, says=says, why=why, estimate=label, picture=picture, label=label)


def _gauge(done: int, asked: int) -> Markup:
    along = svg.Scale(0, max(asked, 1), 4, _LIFT[0] - 4)
    top = _LIFT[1] / 2 - 4
    return svg.sheet(
        _LIFT,
        svg.boxes("shade", [(4, top, _LIFT[0] - 8, 8)]),
        svg.boxes("fill", [(4, top, along.at(min(done, asked)) - 4, 8)]) if done else "",
    )
