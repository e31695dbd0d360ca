"""Contact facts: what a mail address, a phone number, a job title and a country tell of a lead.

Read once, at ingest; every later score uses the record. Nothing here raises on any text: what
cannot be read is `invalid`, `unknown` or `None`, and the lead is kept. What counts as what is
listed in `scoring/lists/`, each list with a word on how to add to it.
"""

from __future__ import annotations

from scoring.contact.country import read_country
from scoring.contact.lists import list_versions
from scoring.contact.mailbox import company_domain, read_mailbox
from scoring.contact.phone import read_phone
from scoring.contact.record import Contact
from scoring.contact.title import read_title

__all__ = ["Contact", "company_domain", "list_versions", "read_contact", "read_country"]


def read_contact(
    *, email: str | None, phone: str | None, title: str | None, country: str | None
) -> Contact:
    """The facts of one lead's contact data; never raises.

    A phone number in national form is read with `country`, which may be a code or a name.
    """
    alpha_2 = read_country(country)
    mailbox = read_mailbox(email)
    line = read_phone(phone, alpha_2)
    job = read_title(title)
    return Contact(
        mailbox=mailbox.kind,
        domain=mailbox.domain,
        phone_kind=line.kind,
        phone_country=line.country,
        phone_e164=line.e164,
        seniority=job.seniority,
        department=job.department,
        buying_role=job.buying_role,
        country=alpha_2,
    )
