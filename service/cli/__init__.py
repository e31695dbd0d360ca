"""`giveget …`: one module a command group, each imported only when its command runs."""

from __future__ import annotations

from service.cli.app import app, main

__all__ = ["app", "main"]
