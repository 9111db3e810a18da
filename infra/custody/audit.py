"""The audit entry that stands before every look at a person and every act about one."""

from __future__ import annotations

import time

from infra import audit
from infra.settings import Settings, UserError
from ingestion.contracts import AuditEntry, content_id


def note(settings: Settings, by: str, what: str, target: str, why: str, after: str = "") -> None:
    """Write who does what to whom, and why, before it is done.

    Args:
        after: content of what is posted or handed out; its digest is kept.

    Raises:
        UserError: nobody is named, or no reason is given.
    """
    for name, text, most in (("--by", by, 64), ("--why", why, 300)):
        if not 0 < len(text.strip()) <= most:
            raise UserError(f"give 1 to {most} characters", where=name, do="say who, and why; nothing about a person")
    now = time.time_ns()
    entry = AuditEntry(
        audit_id=content_id(by, what, target, why, now),
        at=now // 1_000_000,
        who=by.strip(),
        what=what,
        target=target[:128],
        why=why.strip(),
        before="",
        after=content_id(after) if after else "",
    )
    audit.append(settings, [entry])
