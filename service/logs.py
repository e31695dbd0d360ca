"""Logs as events: one JSON object a line, with ids; never a mail address, a phone or a body.

So a fault is logged by its type and place only: its message may hold what somebody sent, and a
traceback's variables do. What libraries log through the standard library becomes such a line too.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

_LOG_EVERY_SECONDS = 60.0
_FILLED_IN = re.compile(r"%(?:\(\w+\))?[-#0+]*\d*(?:\.\d+)?[a-zA-Z]")
"""The places of the values that a library puts into its message."""


def set_up_logs(level: str) -> None:
    """Send every log line to stderr as JSON."""
    to_stderr = logging.StreamHandler(sys.stderr)
    to_stderr.setFormatter(_AsJson())
    to_stderr.addFilter(OnceAMinute("uvicorn"))
    logging.basicConfig(level=level, handlers=[to_stderr])
    for chatty in ("alembic", "httpx2", "httpcore2", "uvicorn"):  # calls are kept by call_log
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
        ),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


class OnceAMinute(logging.Filter):
    """Lets each warning of a library through once a minute: anybody may provoke one a request."""

    def __init__(self, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(name)
        self._clock = clock
        self._next: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is written; those of other libraries, and errors, always are."""
        if not super().filter(record) or record.levelno > logging.WARNING:
            return True
        now, says = self._clock(), str(record.msg)
        if now < self._next.get(says, now):
            return False
        self._next[says] = now + _LOG_EVERY_SECONDS
        return True


class _AsJson(logging.Formatter):
    """A library's line: its message as written, without the values put into it."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "event": f"library.{record.name}",
            "says": _FILLED_IN.sub("…", str(record.msg))[:200],
            "level": record.levelname.lower(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line |= fault(record.exc_info[1])
        return json.dumps(line)


def fault(error: BaseException) -> dict[str, Any]:
    """An exception as a log may hold it."""
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    return {
        "error": type(error).__name__,
        "where": [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in frames],
    }
