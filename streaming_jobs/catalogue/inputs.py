"""The closed list of what a scorecard may look at. What is not here cannot be scored.

Ethnicity, religion, biometrics and free text are no inputs, and a list that named one would not load:
each input's name is held against the same pattern as a contract's fields.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from ingestion.contracts import FORBIDDEN, Complaint, ForbiddenAttribute, PersonContext, PsychologicalAssessment

Grain = Literal["person", "facility"]
Kind = Literal["fact", "number", "days", "happening"]


@dataclass(frozen=True)
class Input:
    """Something that may be scored.

    ``fact``: one of ``values`` (or a list of them); ``number``: in ``unit``; ``days``: days since a moment
    that is remembered; ``happening``: an event at a moment. ``origin``: the record it comes from.
    """

    name: str
    grain: Grain
    kind: Kind
    origin: str
    values: tuple[str, ...] = ()
    unit: str = ""
    may_lack: bool = False
    """Its absence is an answer, not a gap."""

    def __post_init__(self) -> None:
        if FORBIDDEN.search(self.name.replace(".", "_")):
            raise ForbiddenAttribute(f"input {self.name}: this attribute is forbidden by the platform's rights rules")


def _choices(field: str) -> tuple[str, ...]:
    return tuple(map(str, get_args(PersonContext.model_fields[field].annotation)))


_FLAGS = tuple(map(str, get_args(get_args(PersonContext.model_fields["health_flags"].annotation)[0])))
_RESULTS = tuple(map(str, get_args(PsychologicalAssessment.model_fields["result"].annotation)))
_COMPLAINTS = tuple(map(str, get_args(Complaint.model_fields["about"].annotation)))

_FACTS = (
    Input("case_class", "person", "fact", "person.case_class", _choices("case_class")),
    Input("age_band", "person", "fact", "person.age_band", _choices("age_band")),
    Input("education", "person", "fact", "person.education", _choices("education")),
    Input("first_custody", "person", "fact", "person.first_custody", ("True", "False")),
    Input("minor", "person", "fact", "person.minor", ("True", "False")),
    Input("health_flags", "person", "fact", "person.health_flags", _FLAGS),
    Input("assessment", "person", "fact", "assessment.result", _RESULTS),
    Input("days_in_custody", "person", "days", "person.admitted_at", unit="d"),
    Input(
        "complaint_days",
        "person",
        "days",
        "complaint: the oldest one not answered",
        unit="d",
        may_lack=True,
    ),
)
_HAPPENINGS = tuple(
    Input(name, "person", "happening", origin)
    for name, origin in (
        ("interrogation", "interrogation: opened"),
        ("interrogation.night", "interrogation: opened with an approval for rest hours"),
        ("visit.family", "visit: a family visit that took place"),
        ("visit.lawyer", "visit: a lawyer's visit that took place"),
        ("visit.no_show", "visit: the visitor did not come"),
        ("medication.refused", "medical: medication refused"),
        ("fever", "medical: temperature of 37.3 Cel or more"),
        ("restraint", "restraint: put on"),
        ("separation", "non_association: imposed for a conflict"),
        *((f"complaint.{about}", f"complaint: filed about {about}") for about in _COMPLAINTS),
    )
)
_FACILITY = tuple(
    Input(name, "facility", "number", origin, unit=unit)
    for name, origin, unit in (
        ("load", "person, site_plan: detainees of the register to places in cells", "ratio"),
        ("detainees_per_officer", "person, duty: detainees of the register to officers rostered now", "ratio"),
        ("alerts_critical", "silver.alert: open violations, critical", "count"),
        ("alerts_major", "silver.alert: open violations, major", "count"),
        ("blind_cameras", "video, device: share of the plan's cameras without a good picture", "ratio"),
        (
            "overdue_work",
            "silver.alert, complaint, silver.custody_code: rounds, care, reviews overdue",
            "count",
        ),
    )
)
INPUTS: dict[str, Input] = {one.name: one for one in (*_FACTS, *_HAPPENINGS, *_FACILITY)}
"""All inputs but alerts by name."""


def input_named(name: str) -> Input:
    """An input; ``alert.<rule>`` is the raising of an alert about the person by that rule.

    Raises:
        ValueError: there is no such input; a forbidden one is called so.
    """
    found = INPUTS.get(name)
    if found is not None:
        return found
    if FORBIDDEN.search(name.replace(".", "_")):
        raise ValueError(f"input {name!r} is forbidden: no score may use biometrics, ethnicity, religion or free text")
    if name.startswith("alert."):
        return Input(name, "person", "happening", f"silver.alert: raised by {name.removeprefix('alert.')}")
    raise ValueError(f"no input {name!r}; use alert.<rule> or one of: {', '.join(INPUTS)}")
