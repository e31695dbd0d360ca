"""Two arms as they were assigned, in order of assignment. Never as treated."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trial:
    """Arrays of shape (rows,); rows of one account hang together and are no evidence each.

    `account` numbers the accounts of the whole experiment, from 0 and by their first assignment,
    `accounts` of them: other arms than these two may hold some. `control_share` is the chance each
    had of being a control, `None` where it was one for all; accounts are compared within equal
    chances only. `money` may be NaN where it is not known; `score` was known at the assignment.
    """

    treated: NDArray[np.bool_]
    converted: Floats
    account: NDArray[np.int64]
    accounts: int
    is_clustered: bool = False
    """Whether an account may have several rows."""
    control_share: Floats | None = None
    money: Floats | None = None
    score: Floats | None = None

    def first(self, accounts: int) -> Trial:
        """The trial as it stood with so many accounts."""
        return replace(self.take(self.account < accounts), accounts=min(accounts, self.accounts))

    def take(self, rows: NDArray[np.bool_]) -> Trial:
        """The rows that are marked."""

        def kept(values: Floats | None) -> Floats | None:
            return None if values is None else values[rows]

        return replace(
            self,
            treated=self.treated[rows],
            converted=self.converted[rows],
            account=self.account[rows],
            control_share=kept(self.control_share),
            money=kept(self.money),
            score=kept(self.score),
        )

    def least_accounts(self) -> int:
        """The accounts of the smaller arm."""
        return min(
            len(np.unique(self.account[arm])) if self.is_clustered else int(arm.sum())
            for arm in (self.treated, ~self.treated)
        )
