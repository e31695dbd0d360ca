"""The demo's clock: told the time while the past is played, then running with everybody's."""

from __future__ import annotations

from datetime import UTC, datetime


class StoryClock:
    """Stands where it was set; after `release` it is the machine's clock."""

    def __init__(self, at: datetime) -> None:
        self._at: datetime | None = at

    def now(self) -> datetime:
        """The story's time, or the real one."""
        return self._at or datetime.now(UTC)

    def set(self, at: datetime) -> None:
        """Move the story on."""
        self._at = at

    def release(self) -> None:
        """Run with the machine's clock from now on."""
        self._at = None
