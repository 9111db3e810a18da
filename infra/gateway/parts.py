"""What the gateway's calls work with."""

from __future__ import annotations

import threading
import time
from functools import cached_property
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from infra.appointments.book import Book
from infra.casework.rosters import Rosters
from infra.gateway.accounts import Accounts
from infra.gateway.hub import Hub
from infra.gateway.oidc import Provider
from infra.settings import Settings, UserError
from ingestion.contracts import AuditEntry, content_id
from ingestion.gateway import Devices, Inbox
from streaming_jobs.delivery.desk import Desk
from streaming_jobs.delivery.journal import Journal

AUDIT_CHANNEL = "audit"


class Body(BaseModel):
    """The body of a call, which has no field too many."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Parts:
    """What the calls work with."""

    def __init__(
        self, desk: Desk, inbox: Inbox, accounts: Accounts, devices: Devices, folder: Path, settings: Settings
    ) -> None:
        self.desk, self.inbox, self.accounts, self.devices, self.folder = desk, inbox, accounts, devices, folder
        self.settings, self.rosters = settings, Rosters(settings)
        self.provider = Provider(settings) if settings.oidc_issuer else None
        if self.provider is None and not settings.local_login:
            raise UserError("nobody could log in", where="SAFEHOLD_LOCAL_LOGIN", do="name an issuer, or allow it")
        self.visits_due = threading.Event()
        """Set when somebody spoke to a desk of visits, so that others hear of it soon."""
        self.reader = Journal(folder / "journal.db")
        self.hub = Hub(folder / "journal.db")
        desk.on_pushes(self.hub.wake)

    @cached_property
    def visits(self) -> Book:
        """The desks of visits; opened when first asked for, so that a wrong plan of visits stops no alert."""
        return Book(self.settings, now_ms)

    def close(self) -> None:
        self.hub.close()
        self.reader.close()


def now_ms() -> int:
    """The present, ms."""
    return int(time.time() * 1000)


def audit(journal: Journal, who: str, what: str, target: str, why: str) -> None:
    """Put an entry for the audit log into the outbox; the courier chains it."""
    now = now_ms()
    row = {"audit_id": content_id(who, what, target, time.time_ns())[:16], "at": now, "who": who, "what": what}
    entry = AuditEntry.model_validate({**row, "target": target[:128], "why": why, "before": "", "after": ""})
    journal.add_delivery(AUDIT_CHANNEL, entry.audit_id, entry.model_dump_json().encode(), now)
