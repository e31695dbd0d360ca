"""A lead as other tools are told of it now."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from urllib.parse import quote

import sqlalchemy as sa

from scoring.model.score import Reason
from service.db.tables.leads import OPEN_STATES
from service.domain.lead import StoredLead
from service.domain.lead_now import RANKED, LeadNow, OfferNow, PlaceNow
from service.domain.screening import has_wrong_number
from service.store.offers import offers
from service.store.offers.offers import StoredOffer
from service.store.queue import listing, queue, reps
from service.store.queue.reps import Rep
from service.use_cases.offers.lifecycle import terms_of
from service.use_cases.tx import Tx

_REASONS = 3


@dataclass
class Ranks:
    """Who comes where in the reps' queues at one moment, each queue read once."""

    connection: sa.Connection
    now: datetime
    _by_rep: dict[str, dict[str, int]] = field(default_factory=dict)

    @cached_property
    def reps(self) -> dict[str, Rep]:
        """All reps by id."""
        return {rep.id: rep for rep in reps.everyone(self.connection)}

    def of_rep(self, rep: str) -> dict[str, int]:
        """The first `RANKED` leads of a rep's queue, with their ranks."""
        if rep not in self._by_rep:
            first = listing.first_places(self.connection, rep, now=self.now, limit=RANKED)
            self._by_rep[rep] = {place.lead: rank for rank, place in enumerate(first, start=1)}
        return self._by_rep[rep]


def lead_now(tx: Tx, lead: StoredLead, ranks: Ranks) -> LeadNow:
    """A lead that was not erased, without a tool's own ids of it."""
    fields, score = lead.fields, lead.score
    strongest = () if score is None else score.reasons[:_REASONS]
    public_url = tx.runtime.settings.public_url.rstrip("/")
    return LeadNow(
        id=lead.id,
        link=f"{public_url}/leads/{quote(lead.id)}",
        email=fields.get("email"),
        takes_mail=fields.get("do_not_email") is not True,
        takes_calls=fields.get("do_not_call") is not True and not has_wrong_number(lead.record),
        lane=lead.lane,
        grade=lead.grade,
        probability=None if score is None else score.probability,
        reasons=tuple(map(_in_words, strongest)),
        outcome=lead.standing_outcome,
        place=_place(tx.connection, lead.id, ranks),
        offers=tuple(_offer(offer, public_url) for offer in offers.of_lead(tx.connection, lead.id)),
    )


def _in_words(reason: Reason) -> str:
    does = "raises" if reason.hundredths > 0 else "lowers"
    return f"{reason.caption}: {reason.value} ({does} the score)"


def _place(connection: sa.Connection, lead: str, ranks: Ranks) -> PlaceNow | None:
    place = queue.find(connection, lead)
    if place is None:
        return None
    rep = ranks.reps.get(place.rep or "")
    return PlaceNow(
        rep=place.rep,
        rep_email=None if rep is None else rep.email,
        state=place.state,
        rank=None if place.rep is None else ranks.of_rep(place.rep).get(lead),
        due_at=place.due_at,
        entered_at=place.entered_at,
        claim=place.claim,
        until=place.free_at,
    )


def _offer(offer: StoredOffer, public_url: str) -> OfferNow:
    return OfferNow(
        id=offer.id,
        number=offer.number,
        code=offer.code,
        state=offer.state,
        is_open=offer.state in OPEN_STATES,
        sentence=terms_of(offer).sentence,
        link=f"{public_url}/offers/{quote(offer.id)}",
        until=offer.ends_at,
    )
