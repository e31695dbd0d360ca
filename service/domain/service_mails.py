"""Mails that carry out what their reader's own side asked for, and offer nothing: they need no
ground to be addressed, and no month's count of mails holds them back or counts them."""

from __future__ import annotations

from service.domain.usage_report import MAILS as REPORTS

CONFIRMATION = "offer-accepted"
"""What was agreed, to who accepted an offer."""
SERVICE_MAILS = (*REPORTS, CONFIRMATION)
