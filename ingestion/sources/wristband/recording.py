"""Recordings of the HIFD data set (IEEE Access 2020): MATLAB files, one a scenario, 50 Hz, left wrist."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from infra.settings import UserError
from ingestion.sources.wristband.fall import RATE_HZ, Floats

ACCELERATION, ATTITUDE = ("ax", "ay", "az"), ("w", "x", "y", "z")


@dataclass(frozen=True)
class Recording:
    """``acceleration``: its amount without gravity, g, (N,); ``attitude``: quaternions w, x, y, z, (N, 4)."""

    acceleration: Floats
    attitude: Floats

    @property
    def seconds(self) -> float:
        return len(self.acceleration) / RATE_HZ


def read_recording(path: Path) -> Recording:
    """Read a file.

    Raises:
        UserError: no such file, not MATLAB's format, a signal is missing, or has gaps.
    """
    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError

    try:
        signals = loadmat(path, variable_names=[*ACCELERATION, *ATTITUDE])
        axes, turns = (
            np.column_stack([signals[name].astype(np.float64).ravel() for name in names])
            for names in (ACCELERATION, ATTITUDE)
        )
    except (OSError, ValueError, TypeError, KeyError, MatReadError, NotImplementedError) as fault:
        raise UserError(
            f"no recording of a wristband: {fault}",
            where=str(path),
            do=f"give a MATLAB file (version 5) with {', '.join((*ACCELERATION, *ATTITUDE))} of equal length",
        ) from fault
    if len(axes) != len(turns) or not np.isfinite(axes).all() or not (np.abs(turns).max(axis=1) > 0).all():
        raise UserError("the signals have gaps or are of unequal length", where=str(path), do="give a whole recording")
    return Recording(np.linalg.norm(axes, axis=1), turns)
