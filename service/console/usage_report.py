"""An account's usage report, for who looks after it: how it stands, what was not sent and why."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from service.console.words import plain

_MONTH = re.compile(r"\d{4}-\d{2}")
_ENDED = {
    "ended": "It was ended by who ordered it.",
    "orderer_left": "Who ordered it left the team. Show another admin the link to order it.",
    "merged": "The company it became part of has a report of its own.",
}
_NONE = {
    "too_few": "nothing sent: fewer than five people were active",
    "missed": "nothing sent: it was not made in time",
    "no_readers": "nothing sent: none of its readers is there any more",
}
_CLOSED = {
    "off": "Usage reports are switched off (GIVEGET_USAGE_REPORT), so nothing is made.",
    "shadow": "Nothing is made in shadow mode.",
}


def shown(
    state: Mapping[str, Any] | None, named: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any] | None:
    """The section of an account's page; None where no report was ever ordered."""
    if state is None:
        return None

    def name(lead: str) -> str:
        return str(named[lead]["name"]) if lead in named else "somebody who left"

    readers = [
        {
            "lead": reader["lead_id"],
            "name": name(reader["lead_id"]),
            "why": "" if reader["why_not"] is None else plain(reader["why_not"]),
        }
        for reader in state["readers"]
    ]
    return {
        "by": state["ordered_by"] if state["ordered_by"] in named else None,
        "by_name": name(state["ordered_by"]),
        "every": state["every"],
        "since": datetime.fromisoformat(state["ordered_at"]),
        "next": None if state["next_at"] is None else datetime.fromisoformat(state["next_at"]),
        "next_period": _period(state["next_period"] or ""),
        "over": _ENDED.get(state["ended_why"] or "", "") or _CLOSED.get(state["closed"] or "", ""),
        "readers": readers,
        "reports": [
            {
                "period": _period(report["period"]),
                "at": datetime.fromisoformat(report["made_at"]),
                "said": _said(report),
            }
            for report in state["reports"]
        ],
    }


def _period(name: str) -> str:
    """`November 2026` for `2026-11`; a week keeps its name."""
    return f"{datetime.fromisoformat(f'{name}-01'):%B %Y}" if _MONTH.fullmatch(name) else name


def _said(report: Mapping[str, Any]) -> str:
    """`12 people, 1,240 actions; sent 2, withheld 1 (deactivated)`, or why nothing was sent."""
    if report["state"] == "none":
        return _NONE.get(report["why"] or "", plain(report["why"] or ""))
    ends = Counter(
        plain(mail["state"]) + (f" ({plain(mail['reason'])})" if mail["reason"] else "")
        for mail in report["mails"]
    )
    mails = ", ".join(f"{end} {count}" for end, count in sorted(ends.items()))
    actions = sum(report["actions"].values())
    return f"{report['people']} people, {actions:,} actions; {mails or 'its mails are gone'}"
