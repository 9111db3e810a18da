"""The gateway's pages and calls. Every call but the page's own files and the log-in needs a key or a right."""

from __future__ import annotations

import hashlib
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import FileResponse, JSONResponse, StreamingResponse
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from infra.appointments.notices import worded
from infra.appointments.words import Gate
from infra.appointments.words import Request as VisitRequest
from infra.casework.books import Desk as Books
from infra.casework.findings import overdue
from infra.casework.units import facilities_of
from infra.gateway.accounts import Session
from infra.gateway.entries import AnswerEntry, Entry, NoteEntry, VisitEntry, VisitRequestEntry, event_of, pressed_at
from infra.gateway.guard import (
    COOKIE,
    ROLES,
    Headers,
    device,
    may,
    session,
    take_quota,
)
from infra.gateway.log_in import add_log_in
from infra.gateway.parts import Body, Parts, audit, now_ms
from infra.settings import UserError
from ingestion.contracts import content_id
from ingestion.gateway import Device, Full, Quotas, judge, split_body
from ingestion.landing import Withheld
from streaming_jobs.delivery.desk import EVENTS_CHANNEL
from streaming_jobs.delivery.journal import Journal
from streaming_jobs.response import Answer, EndSilence, Input, Note, Silence

TERMINAL = Path(__file__).with_name("terminal")
FILES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/terminal.js": ("terminal.js", "text/javascript; charset=utf-8"),
    "/queue.js": ("queue.js", "text/javascript; charset=utf-8"),
    "/words.js": ("words.js", "text/javascript; charset=utf-8"),
    "/worker.js": ("worker.js", "text/javascript; charset=utf-8"),
    "/style.css": ("style.css", "text/css; charset=utf-8"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
    "/manifest.webmanifest": ("manifest.webmanifest", "application/manifest+json"),
}
NO_PLAN = "there is no plan of visits here, or a wrong one"
MAX_BODY = 8 * 1024 * 1024
MAX_RECORDS = 20_000
MAX_PHOTO = 5 * 1024 * 1024
PHOTO_MARKS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")


class SilenceOrder(Body):
    """What is to be held back, and for how long."""

    rules: list[str] = Field(min_length=1, max_length=100)
    zones: list[str] = Field(default=["*"], min_length=1, max_length=100)
    minutes: int = Field(ge=1, le=1440)


async def _body(request: Request, at_most: int) -> bytes:
    """The body, refused as soon as it is too long."""
    got = bytearray()
    async for part in request.stream():
        got += part
        if len(got) > at_most:
            raise HTTPException(413, f"more than {at_most} bytes; send less at once")
    return bytes(got)


def make_app(parts: Parts) -> FastAPI:
    """The gateway as an ASGI application."""

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        parts.hub.attach()
        yield
        parts.hub.close()

    app = FastAPI(title="Safehold gateway", docs_url=None, redoc_url=None, openapi_url=None, lifespan=life)
    app.state.accounts, app.state.devices, app.state.quotas = parts.accounts, parts.devices, Quotas()
    app.add_middleware(Headers)
    _files(app)
    _devices(app, parts)
    add_log_in(app, parts)
    _terminal(app, parts)
    _superior(app, parts)
    _duty(app, parts)
    return app


def _files(app: FastAPI) -> None:
    def add(path: str, name: str, media: str) -> None:
        @app.get(path, name=f"file {name}")
        async def page() -> Response:
            return FileResponse(TERMINAL / name, media_type=media, headers={"Cache-Control": "no-cache"})

    for path, (name, media) in FILES.items():
        add(path, name, media)

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"state": "ok"}


def _devices(app: FastAPI, parts: Parts) -> None:
    @app.post("/events", status_code=202)
    async def events(request: Request, who: Annotated[Device, Depends(device)]) -> JSONResponse:
        """Records of a device: a JSON list, or one a line. 202: all are on the disk, bad ones to be quarantined."""
        if parts.inbox.is_full:
            raise HTTPException(503, "too much waits for the broker", {"Retry-After": "10"})
        payloads = split_body(await _body(request, MAX_BODY))
        if len(payloads) > MAX_RECORDS:
            raise HTTPException(413, f"more than {MAX_RECORDS} records; send less at once")
        take_quota(request, who, len(payloads))

        def take() -> list[dict[str, Any]]:
            items = [judge(who, payload) for payload in payloads]
            if items:
                parts.inbox.offer(items)
            return [
                {"record": number, "reason": item.reason, "detail": item.detail}
                for number, item in enumerate(items)
                if isinstance(item, Withheld)
            ]

        try:
            bad = await run_in_threadpool(take)
        except Full as full:
            raise HTTPException(503, "too much waits for the broker", {"Retry-After": "10"}) from full
        reply = {"taken": len(payloads), "quarantined": len(bad), "faults": bad[:100]}
        return JSONResponse(reply, status_code=202)


def _terminal(app: FastAPI, parts: Parts) -> None:
    def told(who: Session, case: str) -> dict[str, Any]:
        view = parts.reader.was_told(who.post, case)
        if view is None:
            raise HTTPException(404, "this post was told of no such case")
        return view

    def at_the_desk(who: Session, key: str, entry: VisitEntry | VisitRequestEntry) -> dict[str, Any]:
        """The gate's word about a visit, or a request for one; ``visit``: how it stands now."""
        if isinstance(entry, VisitEntry):
            name, what, why = entry.appointment, "visits gate", f"{entry.action} at {who.post}"
            said: Gate | VisitRequest = Gate(name, entry.action, pressed_at(entry, now_ms()))
        else:
            name, what, why = content_id(key)[:16], "visits request", f"asked for at {who.post}"
            said = entry.request(name)
        try:
            out = parts.visits.enter(who.scope, key, said, who.user, what, name, why)
        except UserError as error:
            raise HTTPException(422, NO_PLAN) from error
        parts.visits_due.set()
        return {"refused": out.refused, "reason": worded(out.refused), "visit": parts.visits.view(who.scope, name)}

    @app.get("/cases")
    def cases(who: Annotated[Session, Depends(may("cases"))]) -> dict[str, Any]:
        """Open cases, and the number of the push from which the stream goes on."""
        seq = parts.reader.last_push()  # first: a push between the two reads is shown twice, not never
        return {"seq": seq, "cases": parts.reader.open_cases(who.post)}

    @app.get("/cases/{case}")
    def case_page(case: str, who: Annotated[Session, Depends(may("cases"))]) -> dict[str, Any]:
        view = told(who, case)
        audit(parts.reader, who.user, "read case", f"{case} at {who.post}", "case page opened")
        return {"case": view, "line": parts.reader.time_line(case)}

    @app.get("/stream")
    async def stream(request: Request, who: Annotated[Session, Depends(may("cases"))], after: int = 0) -> Response:
        last = request.headers.get("last-event-id", "")
        token = request.cookies.get(COOKIE, "")
        text = parts.hub.stream(
            who.post, int(last) if last.isdigit() else after, lambda: parts.accounts.session(token) is not None
        )
        return StreamingResponse(text, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})

    @app.post("/entries")
    def entries(entry: Entry, who: Annotated[Session, Depends(session)]) -> dict[str, Any]:
        """One press of a button. The same key again gets the first reply and does nothing."""
        if entry.kind not in ROLES.get(who.kind, []):
            raise HTTPException(403, f"the post {who.post} may not do this")
        key = f"{who.user}:{entry.key}"
        if isinstance(entry, AnswerEntry):
            answer: Input = Answer(key, entry.case, entry.action, who.post, who.user, who.posts, entry.reason)
            return parts.desk.enter(key, answer)
        if isinstance(entry, NoteEntry):
            told(who, entry.case)
            name = content_id(key)
            text = "\n".join(part for part in (entry.text, entry.recording and f"recording {entry.recording}") if part)

            def keep(journal: Journal, at: int) -> None:
                journal.keep_note(name, entry.case, at, who.user, text, entry.photo)

            return parts.desk.enter(key, Note(key, entry.case, who.post, who.user, name), keep)
        if isinstance(entry, VisitEntry | VisitRequestEntry):
            return at_the_desk(who, key, entry)
        event = event_of(entry, who, now_ms())

        def send(journal: Journal, at: int) -> None:
            journal.add_delivery(EVENTS_CHANNEL, event.facility, event.model_dump_json().encode(), at)

        return parts.desk.enter(key, None, send)

    @app.put("/photos/{digest}", status_code=201)
    async def photo(request: Request, digest: str, who: Annotated[Session, Depends(may("note"))]) -> dict[str, str]:
        """A photo of a note, named by its SHA-256; it stays in the instance."""
        data = await _body(request, MAX_PHOTO)
        if hashlib.sha256(data).hexdigest() != digest:
            raise HTTPException(422, "the digest does not fit")
        if not data.startswith(PHOTO_MARKS):
            raise HTTPException(415, "send a JPEG, PNG or WebP picture")
        path = parts.folder / "photos" / digest
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_suffix(f".{time.time_ns()}.tmp")
        draft.write_bytes(data)
        draft.replace(path)
        return {"photo": digest}

    @app.get("/cases/{case}/photos/{digest}")
    def see_photo(case: str, digest: str, who: Annotated[Session, Depends(may("cases"))]) -> Response:
        told(who, case)
        if digest not in {line.get("file") for line in parts.reader.time_line(case)} or not digest:
            raise HTTPException(404, "there is no such photo")
        audit(parts.reader, who.user, "read photo", f"{case} at {who.post}", "photo opened")
        return FileResponse(parts.folder / "photos" / digest, media_type="application/octet-stream")


def _superior(app: FastAPI, parts: Parts) -> None:
    @app.post("/silences", status_code=201)
    def silence(order: SilenceOrder, who: Annotated[Session, Depends(may("silence"))]) -> dict[str, str]:
        now = now_ms()
        name = content_id(who.user, now)[:12]
        facilities = (f"{who.scope}*",) if who.kind in ("city_duty", "province") else (who.scope,)
        end = now + order.minutes * 60_000
        said = Silence(name, tuple(order.rules), facilities, tuple(order.zones), now, end, who.post, who.user)
        audit(parts.reader, who.user, "silence", f"{','.join(order.rules)} at {who.post}", f"for {order.minutes} min")
        refused = next((d.refused for d in parts.desk.take([said]) if d.refused), "")
        if refused:
            raise HTTPException(422, refused)
        return {"silence": name}

    @app.delete("/silences/{name}")
    def end_silence(name: str, who: Annotated[Session, Depends(may("silence"))]) -> dict[str, str]:
        known = parts.desk.state.silences.get(name)
        if known is None or not known.post.partition("@")[2].startswith(who.scope):
            raise HTTPException(404, "there is no such silence in this scope")
        audit(parts.reader, who.user, "end silence", f"{name} at {who.post}", "ended before its time")
        parts.desk.take([EndSilence(name)])
        return {"silence": name}

    @app.get("/outbox")
    def outbox(who: Annotated[Session, Depends(may("outbox"))]) -> dict[str, Any]:
        """Counts, and what could not be delivered: channel, attempts, error. Bodies are not shown."""
        dead = [
            {"id": one.id, "channel": one.channel, "attempts": one.attempts, "error": one.error}
            for one in parts.reader.dead()
        ]
        return {**parts.reader.counts(), "letters": dead}

    @app.post("/outbox/revive")
    def revive(who: Annotated[Session, Depends(may("outbox"))]) -> dict[str, int]:
        audit(parts.reader, who.user, "revive dead letters", who.post, "another attempt")
        return {"revived": parts.reader.revive(now_ms())}


def _duty(app: FastAPI, parts: Parts) -> None:
    def books(who: Session, what: str) -> Books:
        return Books(parts.settings, who.user, f"{what} at {who.post}", datetime.now(UTC))

    @app.get("/me/duty")
    def own(who: Annotated[Session, Depends(session)]) -> dict[str, Any]:
        """The officer's own hours, rest, closed duty, fatigue and what is to be warned of; nobody else's."""
        return parts.rosters.officer(who.user, now_ms())

    @app.get("/duty")
    def unit(who: Annotated[Session, Depends(may("duty"))]) -> dict[str, Any]:
        """Counts by facility in the post's scope."""
        try:
            facilities = facilities_of(books(who, "duty counts"), who.scope)
        except UserError:
            facilities = [who.scope]  # a facility that no register names yet, and nothing of an unknown unit
        return {"facilities": parts.rosters.of(facilities, now_ms())}

    @app.get("/visits")
    def visits(who: Annotated[Session, Depends(may("visits"))]) -> dict[str, Any]:
        """Appointments of the post's scope that are not over; those for which somebody must act come first."""
        audit(parts.reader, who.user, "read visits", who.post, "list of visits")
        try:
            found = [one for one in parts.visits.facilities() if one.startswith(who.scope)]
            rows = [row for one in found for row in parts.visits.shown(one)]
        except UserError as error:
            raise HTTPException(422, NO_PLAN) from error
        return {"visits": sorted(rows, key=lambda row: not row["escalated"])}

    @app.get("/orders")
    def orders(who: Annotated[Session, Depends(may("orders"))]) -> dict[str, Any]:
        """Rectification orders of the post's scope that are open after their deadline; listed ones first."""
        try:
            found = overdue(books(who, "orders"), who.scope)
        except UserError as error:
            raise HTTPException(404, "the registers know no such unit") from error
        return {"overdue": [{**late.order.model_dump(exclude={"source"}), "days": late.days} for late in found]}


def routes_of(app: FastAPI) -> Iterator[tuple[str, str, set[str]]]:
    """Method, path and names of the guards of every call, for the law that none is open by mistake."""
    for route in app.routes:
        dependant = getattr(route, "dependant", None)
        if dependant is None:
            continue
        names = {getattr(d.call, "right", "") or getattr(d.call, "__name__", "") for d in dependant.dependencies}
        for method in sorted(getattr(route, "methods", set())):
            yield method, str(getattr(route, "path", "")), names
