"""A model's part on accounts: learnt of lead scores that are older than the moments they judge."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from scoring.dataset.account_moments import AccountMoments
from scoring.dataset.dataset import TRAIN_SHARE, Dataset
from scoring.evaluation.accounts import TOO_FEW, learn_accounts
from scoring.learners.accounts import companies
from scoring.model.account_part import AccountPart
from scoring.model.tables import TableModel

Fit = Callable[[Dataset], TableModel]


def account_part(
    data: Dataset, moments: AccountMoments, fit: Fit, latest: TableModel
) -> AccountPart:
    """The part on accounts of a model of leads whose recipe is `fit`.

    `latest` is that recipe's model of the oldest 80 %. Every moment is scored by the newest model
    of those that learnt only from leads settled before its block.
    """
    shares = [first for first, _ in data.slices()]
    borders = [_begins(data, share) for share in (*shares, TRAIN_SHARE)]
    scores = np.zeros(len(moments.of_row), dtype=np.int64)
    row_at = moments.at_us[moments.of_row]
    is_scored = np.zeros(len(moments.of_row), dtype=np.bool_)
    for share, begins in zip((*shares, TRAIN_SHARE), borders, strict=True):
        rows = row_at >= begins  # a later block's model takes its own rows over
        past = data.past(share)
        if share != TRAIN_SHARE and len(set(past.y.tolist())) < 2:
            continue
        model = latest if share == TRAIN_SHARE else fit(past)
        scores[rows] = model.score(moments.columns, len(row_at))[rows]
        is_scored |= rows
    at_all = np.flatnonzero(np.bincount(moments.of_row, is_scored, len(moments.y)) > 0)
    if not len(at_all):
        return AccountPart(why=TOO_FEW)
    return learn_accounts(companies(moments, scores, at_all), borders, moments.horizon_us)


def _begins(data: Dataset, share: float) -> int:
    """When the first lead after a border signed up, in microseconds."""
    following = data.between(share, 1)
    assert following.settled_us is not None
    return int(following.settled_us.min()) - data.horizon_us
