"""A look at the store: who looks, when, and what they asked to see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from service.auth.keyring import Caller
from service.errors import NotFound
from service.runtime import Runtime
from service.store.queue import reps


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContext:
    """One reading of the store for one person."""

    connection: sa.Connection
    runtime: Runtime
    caller: Caller
    now: datetime
    asked: Mapping[str, str]
    """The query's parameters."""

    @property
    def is_manager(self) -> bool:
        """Whether they see everybody's."""
        return self.caller.role in ("manager", "admin")

    @property
    def only_rep(self) -> str | None:
        """Whose leads they are confined to; None: nobody's, they see all."""
        return None if self.is_manager else self.caller.rep

    def rep(self) -> str | None:
        """Whose queue is looked at: a rep's own; a manager's choice, else the first.

        Raises NotFound.
        """
        if not self.is_manager:
            return self.caller.rep
        known = [rep.id for rep in reps.everyone(self.connection)]
        wanted = self.asked.get("rep")
        if wanted is not None and wanted not in known:
            raise NotFound("unknown_rep", "there is no such rep")
        return wanted or next(iter(known), None)
