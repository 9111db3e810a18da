"""Requests to see a lawyer from the steps of appointments."""

from __future__ import annotations

from collections.abc import Iterable

from batch_jobs.derived_registers import SOURCE
from batch_jobs.derived_registers.heard import Heard, in_order, later, moment
from ingestion.contracts import LawyerRequest


def lawyer_requests(heard: Iterable[Heard]) -> list[LawyerRequest]:
    """A row for each request, in all versions, in the order of known time.

    The wait counts as rule int-10 counts it: from the request, from its later `starts_at` where a later time was
    wished, or from a booking that nobody asked for before. It ends when the meeting opens; it falls away where the
    appointment is cancelled, the lawyer does not come, or the person leaves. Who asked is not in the row.

    Args:
        heard: events `visit` and `person`.
    """
    known: dict[tuple[str, str], tuple[str, LawyerRequest]] = {}  # facility, appointment -> person, newest version
    versions: list[LawyerRequest] = []
    for kind, received, event in in_order(heard):
        at = moment(event.event_time)
        if kind == "person":
            gone = [key for key, (who, _) in known.items() if key[0] == event.facility and who == event.subject]
            left = [known.pop(key)[1] for key in gone if not event.present]
            versions += [later(request, received, lapsed=at) for request in left if request.met is None]
            continue
        key = (event.facility, event.appointment)
        if event.kind != "lawyer":
            continue
        if key not in known:
            over = event.action == "book" and event.ends_at is not None and event.ends_at < event.event_time
            if over or event.action not in ("request", "book", "open"):
                continue  # said of a visit that is over
            wished = event.starts_at if event.action == "request" else None
            since = max(event.event_time, wished or 0)
            request = LawyerRequest(
                known_from=moment(received),
                source=SOURCE,
                request=f"{event.facility}/{event.appointment}@{since}",
                facility=event.facility,
                waits_from=moment(since),
                met=at if event.action == "open" else None,
            )
            known[key] = (event.subject, request)
            versions.append(request)
            continue
        subject, request = known[key]
        met = {"open": {"met": at}, "close": {"met": at}, "cancel": {"lapsed": at}, "no_show": {"lapsed": at}}
        if request.met is None and event.action in met:
            request = later(request, received, **met[event.action])
            versions.append(request)
        known[key] = (subject, request)
        if event.action in ("close", "cancel", "no_show"):
            del known[key]
    return versions
