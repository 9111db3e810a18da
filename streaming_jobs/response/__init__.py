"""From an alert to a closed case: who is told when, who may answer, and when the next tier hears of it.

Pure decisions on plain data: no clock, no network, no Flink. Time enters as an argument, so any history of
inputs can be decided again and gives the same pushes and the same time lines.
"""

from streaming_jobs.response.decide import Decision, decide
from streaming_jobs.response.plan import Plan, load_plan
from streaming_jobs.response.state import Case, State
from streaming_jobs.response.words import (
    AlertStep,
    Answer,
    CaseEvent,
    EndSilence,
    Input,
    Note,
    Notice,
    Push,
    Silence,
    Tick,
    alert_step,
)

__all__ = [
    "AlertStep",
    "Answer",
    "Case",
    "CaseEvent",
    "Decision",
    "EndSilence",
    "Input",
    "Note",
    "Notice",
    "Plan",
    "Push",
    "Silence",
    "State",
    "Tick",
    "alert_step",
    "decide",
    "load_plan",
]
