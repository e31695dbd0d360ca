"""A model made of integer tables: what it is, its score of one lead, and its files on disk."""

from __future__ import annotations

from scoring.model.model import Model
from scoring.model.score import Score

__all__ = ["Model", "Score"]
