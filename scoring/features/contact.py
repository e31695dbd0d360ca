"""Who wrote: what the mail address, the phone number and the title say."""

from __future__ import annotations

from unicodedata import normalize

from scoring.contact.words import plain_text
from scoring.features.feature import Feature, Moment

_LONGEST_TITLE = 80
"""Characters of a title that tell it from others; what is longer is a sentence."""


def _phone_country_agrees(moment: Moment) -> str | None:
    contact = moment.contact
    if contact.phone_country is None or contact.country is None:
        return None
    return "yes" if contact.phone_country == contact.country else "no"


def _yes_no(value: bool | None) -> str | None:
    return None if value is None else "yes" if value else "no"


def _mail_matches_company(moment: Moment) -> str | None:
    domain, company = moment.contact.domain, moment.lead.company
    if moment.contact.mailbox != "corporate" or domain is None or not company:
        return None
    label, name = _letters(domain.split(".")[0]), _letters(company)
    return "yes" if label in name or name in label else "no"


def _letters(text: str) -> str:
    """Without case, accents, spaces and hyphens: `petit-energie` is `Petit Énergie`."""
    return "".join(c for c in normalize("NFKD", text).casefold() if c.isalnum())


def _title(moment: Moment) -> str | None:
    """The title as it stands, in one spelling of case and accents."""
    text = " ".join((moment.lead.title or "").split())
    return plain_text(text)[:_LONGEST_TITLE] or None


FEATURES = (
    Feature(
        name="mailbox",
        caption="Mail address",
        group="fit",
        kind="category",
        value=lambda m: m.contact.mailbox,
    ),
    Feature(
        name="phone",
        caption="Phone number",
        group="fit",
        kind="category",
        value=lambda m: m.contact.phone_kind,
    ),
    Feature(
        name="phone_country_agrees",
        caption="Phone number is from the lead's country",
        group="fit",
        kind="category",
        value=_phone_country_agrees,
    ),
    Feature(
        name="seniority",
        caption="Job title, rank",
        group="fit",
        kind="category",
        value=lambda m: m.contact.seniority,
    ),
    Feature(
        name="department",
        caption="Job title, department",
        group="fit",
        kind="category",
        value=lambda m: m.contact.department,
    ),
    Feature(
        name="buying_role",
        caption="Role in buying",
        group="fit",
        kind="category",
        value=lambda m: m.contact.buying_role,
    ),
    Feature(
        name="mail_matches_company",
        caption="Mail domain matches the company's name",
        group="fit",
        kind="category",
        value=_mail_matches_company,
    ),
    Feature(
        name="do_not_email",
        caption="Asked not to be mailed",
        group="fit",
        kind="category",
        value=lambda m: _yes_no(m.lead.do_not_email),
    ),
    Feature(
        name="do_not_call",
        caption="Asked not to be called",
        group="fit",
        kind="category",
        value=lambda m: _yes_no(m.lead.do_not_call),
    ),
    Feature(name="job_title", caption="Job title", group="fit", kind="category", value=_title),
    Feature(
        name="company_domain",
        caption="Company by its mail domain",
        group="fit",
        kind="category",
        value=lambda m: m.contact.account,
    ),
)
