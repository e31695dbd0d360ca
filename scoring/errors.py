"""What scoring refuses.

ScoringError
├── DataError    the caller's file or options: one sentence naming file, row or column
└── ModelError   a model directory that is damaged, foreign or does not fit
"""

from __future__ import annotations


class ScoringError(Exception):
    """Base of all errors raised by this package."""


class DataError(ScoringError):
    """A lead export, an events file or an option that cannot be used as given."""


class ModelError(ScoringError):
    """A model directory that must not be served."""
