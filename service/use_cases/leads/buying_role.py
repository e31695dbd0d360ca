"""One person's part in a purchase: what was written down or heard, before what a title says."""

from __future__ import annotations

import sqlalchemy as sa

from service.domain.lead import StoredLead
from service.domain.screening import heard_from
from service.store.leads import people_said


def buying_role_of(connection: sa.Connection, lead: StoredLead) -> str | None:
    """The role, surest word first; None where nothing says one."""
    told = people_said.of_leads(connection, [lead.id]).get(lead.id)
    if told is not None and told.role is not None:
        return told.role
    heard = heard_from(lead.record)
    if heard is not None and heard.not_in_charge_at is not None:
        return "user"
    return lead.contact.buying_role
