"""How a rule fares with the live trials, in words: whom it fits, or what the nearest lack."""

from __future__ import annotations

from offers.audience import Audience
from offers.reasons import sentence
from service.console.sentences import lacking


def audience_said(found: Audience) -> str:
    """`fits nobody; nearest: 12 leads, which lack only: seats asked for: at least 20`."""
    if not found.situations:
        return "fits nobody: there are no live trials"
    if not found.matched:
        leads = "1 lead, which lacks" if found.near == 1 else f"{found.near:,} leads, which lack"
        only = " only" if len(found.lacking) == 1 else ""
        steps = "; and ".join(map(lacking, found.lacking))
        return f"fits nobody; nearest: {leads}{only} this: {steps}"
    fits = f"fits {found.matched:,}"
    missed = found.matched - found.offered
    if not missed:
        return f"{fits}, who would get it"
    gets = f"{found.offered:,} would get it" if found.offered else "none would get it"
    if found.held_back is None:
        return f"{fits}; {gets}, since a rule before it wins"
    return f"{fits}; {gets}; most often held back: {sentence(found.held_back)}"
