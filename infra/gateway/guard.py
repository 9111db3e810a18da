"""Who may call what: a device's key, a terminal's session with its rights; everything else is refused."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

from fastapi import HTTPException, Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from infra.gateway.accounts import Session
from infra.settings import read_yaml
from infra.settings.model import ROOT
from ingestion.gateway import Device

COOKIE = "safehold_session"
FLOW_COOKIE = "safehold_oidc"
CSRF_HEADER = "x-csrf-token"
ROLES_FILE = ROOT / "infra" / "gateway" / "roles.yaml"
ROLES: dict[str, list[str]] = read_yaml(ROLES_FILE)[0]
PER_MINUTE_FAILED = 10
PER_MINUTE_OPEN = 30
PER_SECOND_SESSION = 20.0

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), camera=(self)",
    "Cache-Control": "no-store",
}


class Headers:
    """ASGI middleware: the headers of every answer, streams too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


def _wait(request: Request, bucket: str, count: int, per_second: float, burst_s: float) -> None:
    seconds = request.app.state.quotas.take(bucket, count, per_second, burst_s)
    if seconds > 0:
        raise HTTPException(429, "too many; come again later", {"Retry-After": str(int(seconds) + 1)})


def count_failure(request: Request, who: str) -> None:
    """Log-ins and keys that fail are counted by address and name; too many are told to wait.

    Raises:
        HTTPException: 429.
    """
    client = request.client.host if request.client else ""
    _wait(request, f"failed {client} {who[:64]}", 1, PER_MINUTE_FAILED / 60, 60)


def slow_down(request: Request, what: str) -> None:
    """Calls that anybody may make are counted by address; too many are told to wait.

    Raises:
        HTTPException: 429.
    """
    client = request.client.host if request.client else ""
    _wait(request, f"{what} {client}", 1, PER_MINUTE_OPEN / 60, 60)


def device(request: Request) -> Device:
    """The device of a request, by HTTP Basic: name and key.

    Raises:
        HTTPException: 401 for no device, 429 for too many wrong keys.
    """
    scheme, _, code = request.headers.get("authorization", "").partition(" ")
    try:
        name, _, key = base64.b64decode(code, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        name, key = "", ""
    found: Device | None = request.app.state.devices.who(name, key) if scheme.lower() == "basic" and name else None
    if found is None:
        count_failure(request, name)
        raise HTTPException(401, "no device with this name and key", {"WWW-Authenticate": 'Basic realm="safehold"'})
    return found


def take_quota(request: Request, one: Device, count: int) -> None:
    """Let a device's records pass, or tell it when to come again.

    Raises:
        HTTPException: 429 with Retry-After.
    """
    _wait(request, f"device {one.name}", count, one.per_second, 10)


def session(request: Request) -> Session:
    """The session of a request; a changing one must come from our own page.

    Raises:
        HTTPException: 401 without a session, 403 from elsewhere, 429 for too many.
    """
    found: Session | None = request.app.state.accounts.session(request.cookies.get(COOKIE, ""))
    if found is None:
        raise HTTPException(401, "log in first")
    if request.method not in ("GET", "HEAD"):
        same_origin(request)
        if request.headers.get(CSRF_HEADER, "") != found.csrf:
            raise HTTPException(403, "the page's token is missing or wrong")
    _wait(request, f"user {found.user}", 1, PER_SECOND_SESSION, 10)
    return found


def same_origin(request: Request) -> None:
    """Refuse a request that a page of another origin made.

    Raises:
        HTTPException: 403.
    """
    origin = request.headers.get("origin")
    if origin is not None and origin.partition("://")[2] != request.headers.get("host"):
        raise HTTPException(403, "the request comes from another page")


def may(right: str) -> Callable[[Request], Session]:
    """A dependency: the session, if its post's role has the right.

    Raises:
        HTTPException: 403 where it has not.
    """

    def check(request: Request) -> Session:
        found = session(request)
        if right not in ROLES.get(found.kind, []):
            raise HTTPException(403, f"the post {found.post} may not do this")
        return found

    check.right = right  # type: ignore[attr-defined]
    return check
