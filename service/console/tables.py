"""Every table that can be had as a file, by its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from service.console import lead_page, queue_page
from service.console.look import Look
from service.console.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """How a table is read, and for whom."""

    read: Callable[[Look], Table]
    managers_only: bool = True


TABLES = {
    "queue": Export(read=queue_page.whole, managers_only=False),
    "leads": Export(read=lead_page.listed, managers_only=False),
    "scores": Export(read=lead_page.scores, managers_only=False),
    "timeline": Export(read=lead_page.timeline, managers_only=False),
}
