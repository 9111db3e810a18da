"""A model from a table: trained on the earlier part, judged on the later one, with nobody's answer in both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from batch_jobs.risk.fit import Fit, Floats, fit
from batch_jobs.risk.measures import (
    Bin,
    Errors,
    auc,
    auc_interval,
    calibration,
    calibration_error,
    errors,
    psi,
)
from batch_jobs.risk.table import HOUR_MS, Question, matrix
from infra.settings import UserError

TRAINED = 0.7
FLAGGED = 0.1
"""Share of the training rows with the highest scores at which errors are counted."""


@dataclass(frozen=True)
class Judged:
    """A fitted model and what it is worth on the later rows."""

    model: Fit
    question: Question
    rows: tuple[int, int]
    outcomes: tuple[int, int]
    people: tuple[int, int]
    span: tuple[int, int, int]
    """First moment, first moment of the later part, last moment; ms."""
    in_force: tuple[float, float, float]
    fitted: tuple[float, float, float]
    """AUC with its 95 % interval."""
    ceiling: float | None
    """AUC of the true chance, where it is known."""
    bins: list[Bin]
    error: float
    drift: float
    drift_by_factor: dict[str, float]
    groups: list[Errors]
    threshold: float
    quantiles: dict[str, float]
    """Share of the training rows below the cuts of the card in force."""
    train_scores: Floats
    unseen: tuple[str, ...]
    """Factors that no earlier row shows."""

    @property
    def points(self) -> dict[str, float]:
        """Fitted points of the factors that were seen."""
        return {name: value for name, value in self.model.points.items() if name not in self.unseen}


def split(table: pd.DataFrame, question: Question) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Earlier and later rows; between them a horizon is left out, whose answers lie in the later time."""
    cut = float(np.quantile(table["moment"], TRAINED))
    gap = question.horizon_h * HOUR_MS
    return table[table["moment"] <= cut - gap], table[table["moment"] > cut]


def judge(
    table: pd.DataFrame, factors: list[str], signs: list[int], question: Question, cuts: dict[str, float]
) -> Judged:
    """Fit and judge.

    Args:
        table: rows of :mod:`table`; a column ``truth`` is the true chance, where it is known.
        cuts: points at which the levels of the card in force begin.

    Raises:
        UserError: too few rows or outcomes to learn from.
    """
    early, late = split(table, question)
    y, y_late = (part["outcome"].to_numpy(dtype=np.float64) for part in (early, late))
    if y.sum() < 20 or y_late.sum() < 10:
        raise UserError(
            f"{int(y.sum())} outcomes to learn from and {int(y_late.sum())} to judge by are too few",
            where="the training table",
            do="wait for more, or ask for a longer --horizon-h",
        )
    x, x_late = matrix(early, factors), matrix(late, factors)
    model = fit(x, y, factors, signs)
    p, p_late = model.probability(x), model.probability(x_late)
    threshold = float(np.quantile(p, 1 - FLAGGED))
    bins = calibration(y_late, p_late)
    in_force, in_force_late = (part["score"].to_numpy(dtype=np.float64) for part in (early, late))
    who = late["subject"].to_numpy()
    truth = late["truth"].to_numpy(dtype=np.float64) if "truth" in late else None
    return Judged(
        model,
        question,
        (len(early), len(late)),
        (int(y.sum()), int(y_late.sum())),
        (early["subject"].nunique(), late["subject"].nunique()),
        (int(early["moment"].min()), int(late["moment"].min()), int(late["moment"].max())),
        (auc(y_late, in_force_late), *auc_interval(y_late, in_force_late, who)),
        (auc(y_late, p_late), *auc_interval(y_late, p_late, who)),
        None if truth is None else auc(y_late, truth),
        bins,
        calibration_error(bins),
        psi(p, p_late),
        {name: psi(x[:, n], x_late[:, n]) for n, name in enumerate(factors)},
        _groups(late, y_late, p_late >= threshold),
        threshold,
        {name: float((in_force < points).mean()) for name, points in cuts.items()},
        np.asarray(x @ model.coefficients),
        tuple(name for n, name in enumerate(factors) if not x[:, n].any()),
    )


def _groups(late: pd.DataFrame, y: Floats, flagged: Any) -> list[Errors]:
    found = [errors("all", y, flagged)]
    for column in ("sex", "age_band"):
        for value in sorted(late[column].unique()):
            mine = (late[column] == value).to_numpy()
            found.append(errors(f"{column} {value}", y[mine], flagged[mine]))
    return found
