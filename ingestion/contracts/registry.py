"""Which contracts there are. A new subsystem is one file and its line here."""

from __future__ import annotations

from ingestion.contracts.access import AccessEvent
from ingestion.contracts.answers import AlertAnswer
from ingestion.contracts.assessment import PsychologicalAssessment
from ingestion.contracts.base import Contract, Event, RegisterRow
from ingestion.contracts.casework import (
    DutyLogEntry,
    FindingEvidence,
    InspectionAssignment,
    Inspector,
    InspectorConflict,
)
from ingestion.contracts.complaint import Complaint
from ingestion.contracts.correction import RiskCorrection
from ingestion.contracts.custody import (
    AdminUnit,
    Death,
    Facility,
    PopulationCount,
    ReportedCount,
    Stay,
    TemporaryLeave,
)
from ingestion.contracts.custody_code import CodeAppeal, CodeDecision, CodeEntry
from ingestion.contracts.derived import (
    Alert,
    AuditEntry,
    CustodyCode,
    Derived,
    FeatureSecond,
    LandingCount,
    QuarantineRow,
    ReceivedRecord,
    RecomputedAlert,
    RetiredRows,
    RiskScore,
    RuleStatus,
    StreamLedger,
)
from ingestion.contracts.device import DeviceHealth
from ingestion.contracts.duties import ComplaintRecord, Drill, MedicalDuty, PatrolVisit
from ingestion.contracts.duty import DutyShift
from ingestion.contracts.emergency import EmergencyOrder
from ingestion.contracts.environment import EnvironmentReading
from ingestion.contracts.epidemic import EpidemicMeasure, EpidemicRecord
from ingestion.contracts.incident import Incident, IncidentPerson
from ingestion.contracts.inspection import Finding, Inspection, RectificationOrder, Reinspection
from ingestion.contracts.interrogation import InterrogationSession
from ingestion.contracts.medical import MedicalEvent
from ingestion.contracts.observed import FacilityClock, JobHealth, LakeTable, RuleCost
from ingestion.contracts.orders import NonAssociation, RestraintOrder
from ingestion.contracts.patrol import PatrolCheckIn
from ingestion.contracts.perimeter import PerimeterEvent
from ingestion.contracts.platform import PersonContext, RuleChange, SitePlan, Watermark
from ingestion.contracts.response import CaseStep
from ingestion.contracts.rights import CustodyDay, LawyerRequest, RestraintUse
from ingestion.contracts.terminal import TerminalEvent
from ingestion.contracts.vehicles import VehicleGoodsEvent
from ingestion.contracts.video import VideoFrame
from ingestion.contracts.visits import VisitEvent
from ingestion.contracts.wristband import WristbandReading

EVENTS: dict[str, type[Event]] = {
    model.TYPE: model
    for model in (
        VideoFrame,
        WristbandReading,
        AccessEvent,
        PerimeterEvent,
        PatrolCheckIn,
        InterrogationSession,
        VisitEvent,
        MedicalEvent,
        PsychologicalAssessment,
        Complaint,
        TerminalEvent,
        VehicleGoodsEvent,
        EnvironmentReading,
        DeviceHealth,
        DutyShift,
        NonAssociation,
        EpidemicMeasure,
        RestraintOrder,
        EmergencyOrder,
        CaseStep,
        SitePlan,
        PersonContext,
        RiskCorrection,
        CodeEntry,
        CodeAppeal,
        CodeDecision,
        RuleChange,
        Watermark,
    )
}
"""Live events by their `type`: twelve subsystems, duty roster, care, custody code, orders and the platform's own."""

REGISTERS: dict[str, type[RegisterRow]] = {
    model.TABLE: model
    for model in (
        AdminUnit,
        Facility,
        Stay,
        TemporaryLeave,
        PopulationCount,
        Death,
        Incident,
        IncidentPerson,
        ReportedCount,
        Inspection,
        Finding,
        RectificationOrder,
        Reinspection,
        Inspector,
        InspectorConflict,
        InspectionAssignment,
        FindingEvidence,
        DutyLogEntry,
        PatrolVisit,
        Drill,
        ComplaintRecord,
        MedicalDuty,
        CustodyDay,
        RestraintUse,
        AlertAnswer,
        LawyerRequest,
        EpidemicRecord,
    )
}
"""Register tables by name; in the lake they are `register.<name>`."""

DERIVED: dict[str, type[Derived]] = {
    model.TABLE: model
    for model in (
        ReceivedRecord,
        LandingCount,
        StreamLedger,
        QuarantineRow,
        Alert,
        RecomputedAlert,
        RiskScore,
        CustodyCode,
        RuleStatus,
        FeatureSecond,
        AuditEntry,
        RetiredRows,
        LakeTable,
        JobHealth,
        FacilityClock,
        RuleCost,
    )
}
"""Tables that the platform itself writes, by `<namespace>.<name>`."""


def contract_named(name: str) -> type[Contract]:
    """The contract with this event type or table name.

    Raises:
        KeyError: no such contract; the message lists those that exist.
    """
    found = EVENTS.get(name) or REGISTERS.get(name) or DERIVED.get(name)
    if found is None:
        known = ", ".join(sorted([*EVENTS, *REGISTERS, *DERIVED]))
        raise KeyError(f"no contract named {name!r}; known: {known}")
    return found
