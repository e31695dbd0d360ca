"""What is wrong with a set-up, each with the command that mends it.

To add a check: yield a `Finding` in the file of what it looks at. An *error* stops something
from working, a *warning* will, a *note* is only good to know.
"""

from __future__ import annotations

from datetime import datetime

from service.cli.checks.finding import Finding
from service.cli.checks.model_and_policy import check_model, check_policy, check_rates
from service.cli.checks.set_up import check_settings
from service.cli.checks.store import check_store
from service.settings import Settings


def examine(settings: Settings, now: datetime) -> list[Finding]:
    """Every finding, the worst first."""
    found = [
        *check_settings(settings),
        *check_model(settings),
        *check_policy(settings),
        *check_rates(settings, now),
        *check_store(settings, now),
    ]
    return sorted(found, key=lambda finding: ("error", "warning", "note").index(finding.level))
