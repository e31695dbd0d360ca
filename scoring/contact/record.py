"""The record of contact facts, with its fixed vocabularies."""

from __future__ import annotations

from dataclasses import dataclass

MAILBOXES = (
    "corporate",
    "free",
    "disposable",
    "role",
    "education",
    "government",
    "invalid",
    "missing",
)
PHONE_KINDS = (
    "mobile",
    "fixed_line",
    "fixed_or_mobile",
    "voip",
    "toll_free",
    "other",
    "invalid",
    "missing",
)
SENIORITIES = (
    "owner",
    "c_level",
    "vp",
    "director",
    "head",
    "manager",
    "senior",
    "individual",
    "assistant",
    "student",
    "unknown",
)
DEPARTMENTS = (
    "it",
    "engineering",
    "product",
    "project",
    "operations",
    "procurement",
    "marketing",
    "sales",
    "finance",
    "hr",
    "legal",
    "design",
    "support",
    "general_management",
    "unknown",
)
BUYING_ROLES = ("user", "business_owner", "evaluator", "buyer", "decision_maker")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """What the contact data say; each word is one of the vocabularies of this module."""

    mailbox: str
    domain: str | None
    """The registrable domain of the mail address, lower case, in its ASCII form."""
    phone_kind: str
    phone_country: str | None
    phone_e164: str | None
    seniority: str
    department: str
    buying_role: str | None
    country: str | None
    """ISO 3166 alpha-2."""

    @property
    def account(self) -> str | None:
        """The company's own mail domain; free mail makes no account."""
        return account_domain(self.mailbox, self.domain)


def account_domain(mailbox: str, domain: str | None) -> str | None:
    """The domain of a mail address that stands for a company, else `None`."""
    return domain if mailbox in ("corporate", "role", "government") else None
