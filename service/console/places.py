"""The console's pages by name: the menu, what stands beside what, and who has which."""

from __future__ import annotations

from service.auth.keyring import Role

PAGES = {
    "overview": ("Overview", "/"),
    "queue": ("Queue", "/queue"),
    "leads": ("Leads", "/leads"),
    "offers": ("Offers", "/offers"),
    "to_do": ("To do", "/tasks"),
    "policy": ("Policy", "/policy"),
    "model": ("Model", "/model"),
    "mail": ("Mail", "/mail"),
    "ledger": ("Ledger", "/ledger"),
    "effect": ("Effect", "/effect"),
    "figures": ("Figures", "/figures"),
    "team": ("Team", "/team"),
    "connections": ("Connections", "/connections"),
    "calls": ("Calls", "/calls"),
}
UNDER = {
    "figures": "overview",
    "to_do": "offers",
    "ledger": "offers",
    "effect": "policy",
    "connections": "team",
    "calls": "team",
}
"""Pages that stand beside another one, below the menu."""
_REPS = ("queue", "leads", "offers", "to_do")


def seen_by(role: Role) -> list[str]:
    """The pages that a role has."""
    return [name for name in PAGES if role != "rep" or name in _REPS]


def beside(role: Role, place: str) -> list[tuple[str, str, str]]:
    """The pages of one place in the menu, where it has several."""
    there = [name for name in seen_by(role) if UNDER.get(name, name) == place]
    return [(name, *PAGES[name]) for name in there] if len(there) > 1 else []
