"""The one statement of every record that enters or leaves the platform.

Each file holds the models of one subsystem or register. From these models alone come the JSON
Schemas, the Flink DDL, the Iceberg schemas, the dbt sources, the msgspec structs of the hot path
and the reference page (``safehold contracts generate``). This package is one of the three doors
that other packages may import from; what they need is re-exported here.
"""

from ingestion.contracts.access import AccessEvent
from ingestion.contracts.answers import AlertAnswer
from ingestion.contracts.assessment import PsychologicalAssessment
from ingestion.contracts.base import (
    FORBIDDEN,
    Contract,
    Event,
    ForbiddenAttribute,
    RegisterRow,
    content_id,
)
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
    FeatureSecond,
    LandingCount,
    QuarantineReason,
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
from ingestion.contracts.incident_types import IncidentType, incident_types
from ingestion.contracts.inspection import Finding, Inspection, RectificationOrder, Reinspection
from ingestion.contracts.interrogation import InterrogationSession
from ingestion.contracts.medical import MedicalEvent
from ingestion.contracts.observed import FacilityClock, JobHealth, LakeTable, RuleCost
from ingestion.contracts.orders import NonAssociation, RestraintOrder
from ingestion.contracts.patrol import PatrolCheckIn
from ingestion.contracts.perimeter import PerimeterEvent
from ingestion.contracts.platform import PersonContext, RuleChange, SitePlan, Watermark, WatermarkReason
from ingestion.contracts.registry import DERIVED, EVENTS, REGISTERS, contract_named
from ingestion.contracts.response import CaseStep
from ingestion.contracts.rights import CustodyDay, LawyerRequest, RestraintUse
from ingestion.contracts.terminal import TerminalEvent
from ingestion.contracts.vehicles import VehicleGoodsEvent
from ingestion.contracts.video import Detection, Motion, Posture, Role, VideoFrame
from ingestion.contracts.visits import VisitEvent
from ingestion.contracts.wristband import WristbandReading

__all__ = [
    "DERIVED",
    "EVENTS",
    "FORBIDDEN",
    "REGISTERS",
    "AccessEvent",
    "AdminUnit",
    "Alert",
    "AlertAnswer",
    "AuditEntry",
    "CaseStep",
    "CodeAppeal",
    "CodeDecision",
    "CodeEntry",
    "Complaint",
    "ComplaintRecord",
    "Contract",
    "CustodyCode",
    "CustodyDay",
    "Death",
    "Detection",
    "DeviceHealth",
    "Drill",
    "DutyLogEntry",
    "DutyShift",
    "EmergencyOrder",
    "EnvironmentReading",
    "EpidemicMeasure",
    "EpidemicRecord",
    "Event",
    "Facility",
    "FacilityClock",
    "FeatureSecond",
    "Finding",
    "FindingEvidence",
    "ForbiddenAttribute",
    "Incident",
    "IncidentPerson",
    "IncidentType",
    "Inspection",
    "InspectionAssignment",
    "Inspector",
    "InspectorConflict",
    "InterrogationSession",
    "JobHealth",
    "LakeTable",
    "LandingCount",
    "LawyerRequest",
    "MedicalDuty",
    "MedicalEvent",
    "Motion",
    "NonAssociation",
    "PatrolCheckIn",
    "PatrolVisit",
    "PerimeterEvent",
    "PersonContext",
    "PopulationCount",
    "Posture",
    "PsychologicalAssessment",
    "QuarantineReason",
    "QuarantineRow",
    "ReceivedRecord",
    "RecomputedAlert",
    "RectificationOrder",
    "RegisterRow",
    "Reinspection",
    "ReportedCount",
    "RestraintOrder",
    "RestraintUse",
    "RetiredRows",
    "RiskCorrection",
    "RiskScore",
    "Role",
    "RuleChange",
    "RuleCost",
    "RuleStatus",
    "SitePlan",
    "Stay",
    "StreamLedger",
    "TemporaryLeave",
    "TerminalEvent",
    "VehicleGoodsEvent",
    "VideoFrame",
    "VisitEvent",
    "Watermark",
    "WatermarkReason",
    "WristbandReading",
    "content_id",
    "contract_named",
    "incident_types",
]
