"""An account's score beside its best lead's, in planted worlds with a committee and without."""

from __future__ import annotations

import time

from tests.support.committee_judge import judged, trained
from tests.support.committee_worlds import COMMITTEE, TWIN

TAUGHT, JUDGED = 6_000, 12_000


def run() -> None:
    """Print what was learnt from one draw of each world, judged on another."""
    for world in (COMMITTEE, TWIN):
        began = time.perf_counter()
        model = trained(world, TAUGHT)
        assert model.account is not None
        print(f"{world.name}: {model.account.kind}, {time.perf_counter() - began:.0f} s to train")
        print(f"  {judged(model, world, JUDGED)}")
