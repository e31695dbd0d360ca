"""The leads that no rep can take: what nobody covers, of how many, and where that is mended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from service.console.page_context import PageContext
from service.console.table import Column, Table
from service.console.words import country_name, language_name
from service.domain.lead import StoredLead
from service.domain.routing import Needs, RepDesk, covers, uncovered
from service.store.leads import lists
from service.store.leads.lists import LeadFilter
from service.use_cases.leads.lead_context import open_lead
from service.use_cases.leads.queue_place import needs_of

_NEWEST = 100
_THEM = "/leads?unreached=no_eligible_rep&country={country}&language={language}"
_COLUMNS = (
    Column("missing", "What no rep covers", "long"),
    Column("leads", "Leads", "number", link=_THEM),
    Column(
        "mend",
        "Mend it",
        "name",
        link="/team?languages={language}&countries={country}&segments={segment}#rep",
    ),
)
_ADD = "Give them to a rep, or add one"


@dataclass(frozen=True, slots=True)
class _Gap:
    """What is missing, and what a new rep for these leads must cover."""

    missing: str
    language: str
    country: str
    segment: str
    mend: str | None


def table(look: PageContext) -> Table:
    """What nobody covers, the commonest first, among the newest leads without a rep."""
    found = lists.leads_by(
        look.connection,
        LeadFilter(unreached="no_eligible_rep"),
        order="newest",
        limit=_NEWEST,
        after=0,
    )
    _, desks = look.runtime.board.look(look.connection, look.now)
    gaps: Counter[_Gap] = Counter()
    alike = Counter((needs_of(open_lead(each)), _is_due(look, each)) for each in found)
    for (needs, is_due), count in alike.items():
        gaps[_gap(needs, desks, is_due=is_due)] += count
    return Table(
        name="without-rep",
        title="Leads with no matching rep",
        columns=_COLUMNS,
        rows=[
            {
                "missing": gap.missing,
                "leads": count,
                "country": gap.country,
                "language": gap.language,
                "segment": gap.segment,
                "mend": gap.mend,
            }
            for gap, count in gaps.most_common()
        ],
        empty="Every lead that a rep should call has one.",
        note="By what reps cover now; a rep who is saved and covers them gets them within a minute."
        + (f" Of the newest {_NEWEST:,}." if len(found) == _NEWEST else ""),
    )


def _is_due(look: PageContext, lead: StoredLead) -> bool:
    """Whether the worker is about to look at the lead again, as after a rep was saved."""
    return lead.look_again_at is not None and lead.look_again_at <= look.now


def _gap(needs: Needs, desks: Sequence[RepDesk], *, is_due: bool) -> _Gap:
    """What keeps a lead of these needs from every rep."""
    missing = uncovered(needs, desks)
    values = {
        "language": language_name(needs.language or ""),
        "country": country_name(needs.country or ""),
        "segment": f"segment {needs.segment}",
    }
    if missing:
        said = " and ".join(values[name] for name in missing)
        said += ": no one rep covers them together" if len(missing) > 1 else ": nobody covers it"
        lacks = {name: getattr(needs, name) or "" for name in missing}
        whole = dict.fromkeys(values, "") | lacks
        return _Gap(missing=said, mend=_ADD, **whole)
    no_needs = dict.fromkeys(values, "")
    if not any(desk.available for desk in desks):
        return _Gap(missing="No rep is available", mend=_ADD, **no_needs)
    if any(desk.available and desk.has_room and covers(desk, needs) for desk in desks):
        soon = "a minute" if is_due else "a day"
        said = f"Somebody covers them by now and has room: given to them within {soon}"
    else:
        said = "Covered, but those reps have had their leads of the day: raise Leads a day above"
    return _Gap(missing=said, mend=None, **no_needs)
