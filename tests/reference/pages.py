"""Which page says what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from tests.reference.api import api
from tests.reference.commands import commands
from tests.reference.errors import errors
from tests.reference.events import events
from tests.reference.policy import policy
from tests.reference.settings import settings

FOLDER = Path(__file__).parents[2] / "docs" / "reference"
PAGES: Mapping[str, Callable[[], str]] = {
    "api.md": api,
    "commands.md": commands,
    "errors.md": errors,
    "events.md": events,
    "policy.md": policy,
    "settings.md": settings,
}
