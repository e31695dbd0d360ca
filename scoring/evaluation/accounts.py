"""Which way to score a company serves, chosen on older moments and judged on the newest.

Moments come in blocks, each with lead scores of a model that is older than all of it. A candidate
learns from the blocks before one, as far as their outcomes were settled when it began, and is
judged on it. The simplest serves unless a richer one is better beyond chance, drawn by company.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from scoring.evaluation import metrics
from scoring.learners.accounts import CANDIDATES, RECALIBRATED, Companies, Ints
from scoring.model.account_part import ALONE, AccountPart
from scoring.model.points import probabilities

FEWEST = 30
"""Outcomes of the rarer kind, by company, that a candidate learns from or is judged by."""
TOO_FEW = (
    "Account score: too few accounts bought to learn from, so an account has its best lead's score."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFigures:
    """The served way beside the best lead alone on the newest moments; intervals are 95 %."""

    companies: int
    moments: int
    auc: float
    best_lead_auc: float
    auc_gain: float
    auc_gain_interval: tuple[float, float]
    log_loss: float
    best_lead_log_loss: float
    log_loss_gain: float
    log_loss_gain_interval: tuple[float, float]
    calibration_error: float


def learn_accounts(data: Companies, borders: Sequence[int], horizon_us: int) -> AccountPart:
    """The part to serve: chosen on all blocks but the newest, which judges, then fitted on all.

    `borders` are when each block begins, in microseconds; `data` is oldest first.
    """
    *older, newest = borders
    judged = _trials(data, older, newest, horizon_us)
    taught = _settled(data, newest, horizon_us)
    unseen = data.take(np.flatnonzero(data.at_us >= newest))
    if not judged or not _enough(taught) or not _enough(unseen):
        return AccountPart(why=TOO_FEW)
    losses = {name: np.concatenate([each[name] for each in judged]) for name in CANDIDATES}
    chosen = _chosen(losses, np.concatenate([each["company"] for each in judged]))
    figures = _figures(unseen, CANDIDATES[chosen](taught))
    if figures.log_loss_gain_interval[1] < 0:  # what older moments showed no longer holds
        chosen = ALONE
    facts: dict[str, Any] = {
        "companies": len(np.unique(data.account)),
        "moments": len(data.y),
        "log_losses": {name: round(float(found.mean()), 6) for name, found in losses.items()},
        "newest": asdict(figures),
    }
    return replace(CANDIDATES[chosen](data), why=_sentence(chosen, figures), facts=facts)


def _trials(
    data: Companies, borders: Sequence[int], end: int, horizon_us: int
) -> list[dict[str, metrics.Floats]]:
    """Each candidate's log losses of a block's moments, and whose they are."""
    found = []
    for begins, ends in pairwise((*borders, end)):
        taught = _settled(data, begins, horizon_us)
        rows = np.flatnonzero((data.at_us >= begins) & (data.at_us < ends))
        if not _enough(taught) or not len(rows):
            continue
        block = data.take(rows)
        losses = {
            name: metrics.log_losses(block.y, probabilities(block.scores(candidate(taught))))
            for name, candidate in CANDIDATES.items()
        }
        found.append(losses | {"company": block.account.astype(np.float64)})
    return found


def _settled(data: Companies, begins_us: int, horizon_us: int) -> Companies:
    """The moments whose horizon had passed by then."""
    return data.take(np.flatnonzero(data.at_us + horizon_us <= begins_us))


def _chosen(losses: Mapping[str, metrics.Floats], company: metrics.Floats) -> str:
    best = ALONE
    for name, found in losses.items():
        if _interval(losses[best] - found, company)[0] > 0:
            best = name
    return best


def _figures(newest: Companies, part: AccountPart) -> AccountFigures:
    y, account = newest.y, newest.account
    p, alone = probabilities(newest.scores(part)), probabilities(newest.best)
    gain = metrics.log_losses(y, alone) - metrics.log_losses(y, p)
    rows = _rows_of(account)

    def more_auc(drawn: Ints) -> float:
        chosen = np.concatenate([rows[i] for i in drawn.tolist()])
        return metrics.auc(y[chosen], p[chosen]) - metrics.auc(y[chosen], alone[chosen])

    return AccountFigures(
        companies=len(rows),
        moments=len(y),
        auc=metrics.auc(y, p),
        best_lead_auc=metrics.auc(y, alone),
        auc_gain=metrics.auc(y, p) - metrics.auc(y, alone),
        auc_gain_interval=metrics.interval(more_auc, len(rows), draws=200),
        log_loss=metrics.log_loss(y, p),
        best_lead_log_loss=metrics.log_loss(y, alone),
        log_loss_gain=float(gain.mean()),
        log_loss_gain_interval=_interval(gain, account),
        calibration_error=metrics.calibration_error(y, p),
    )


def _sentence(chosen: str, figures: AccountFigures) -> str:
    low, high = figures.auc_gain_interval
    judged = f"judged on the newest {figures.companies:,} accounts at {figures.moments:,} moments"
    losses = f"log loss {figures.log_loss:.4f} against {figures.best_lead_log_loss:.4f}"
    if chosen == ALONE:
        return (
            "Account score: nothing is shown to tell which accounts buy better than their best "
            f"lead does, so an account has its best lead's score (AUC {figures.best_lead_auc:.3f}, "
            f"{judged})."
        )
    if chosen == RECALIBRATED:
        return (
            "Account score: accounts rank as their best leads do, with a probability of their own; "
            f"{losses} for the best lead as it is, {judged}."
        )
    return (
        f"Account score, from all people of an account together ({chosen}): AUC {figures.auc:.3f} "
        f"against {figures.best_lead_auc:.3f} for its best lead alone ({figures.auc_gain:+.3f}, "
        f"95%: {low:+.3f} to {high:+.3f}), {losses}, {judged}."
    )


def _enough(data: Companies) -> bool:
    outcomes = [len(np.unique(data.account[data.y == value])) for value in (0, 1)]
    return min(outcomes) >= FEWEST


def _rows_of(account: Ints) -> list[Ints]:
    _, place = np.unique(account, return_inverse=True)
    order = np.argsort(place, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(place[order])) + 1)


def _interval(values: metrics.Floats, company: metrics.Floats | Ints) -> tuple[float, float]:
    """95 % interval of the mean, drawing whole companies."""
    _, place, rows = np.unique(company, return_inverse=True, return_counts=True)
    sums = np.bincount(place, weights=values)
    return metrics.interval(
        lambda drawn: float(sums[drawn].sum() / rows[drawn].sum()), len(rows), draws=400
    )
