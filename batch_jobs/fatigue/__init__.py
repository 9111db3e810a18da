"""Duty hours, rest and fatigue of officers from the roster: pure, for the officer's own eyes and for aggregates."""

from batch_jobs.fatigue.duty import Figures, Limits, Warned, assess
from batch_jobs.fatigue.shifts import Shift, shifts_of

__all__ = ["Figures", "Limits", "Shift", "Warned", "assess", "shifts_of"]
