"""How officers log in: by password, or by an OpenID Connect provider that names the user; and out."""

from __future__ import annotations

import logging
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import Field

from infra.gateway.accounts import FLOW_S, Session
from infra.gateway.guard import COOKIE, FLOW_COOKIE, ROLES, count_failure, same_origin, session, slow_down
from infra.gateway.oidc import Provider, Refused
from infra.gateway.parts import Body, Parts, audit
from ingestion.contracts import content_id
from ingestion.gateway.access_file import NAME

LOG = logging.getLogger("safehold.gateway")


class LogIn(Body):
    """A log-in; ``post`` chooses one of the user's posts."""

    user: str = Field(max_length=64)
    password: str = Field(max_length=256)
    post: str = Field(default="", max_length=96)


def _provider(parts: Parts) -> Provider:
    if parts.provider is None:
        raise HTTPException(404, "there is no other log-in than by password")
    return parts.provider


def _sent_home(refused: Refused) -> Response:
    """The first page, which says why nobody is logged in."""
    LOG.warning("log-in by OIDC: %s: %s", refused.fault, refused)
    return _forget_flow(RedirectResponse(f"/?fault={refused.fault}", 303))


def _forget_flow(reply: Response) -> Response:
    reply.delete_cookie(FLOW_COOKIE, path="/oidc")
    return reply


def add_log_in(app: FastAPI, parts: Parts) -> None:
    """Add the calls to log in and out."""

    def shown(who: Session) -> dict[str, Any]:
        plan = parts.desk.plan
        titles = {name: kind.title.model_dump() for name, kind in plan.posts.items()}
        return {
            "user": who.user,
            "post": who.post,
            "posts": who.posts,
            "csrf": who.csrf,
            "rights": ROLES.get(who.kind, []),
            "titles": titles,
        }

    def let_in(request: Request, reply: Response, token: str) -> Response:
        secure = request.url.scheme == "https"
        reply.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=secure, path="/")
        return reply

    @app.get("/login/ways")
    async def ways() -> dict[str, bool]:
        return {"local": parts.settings.local_login, "oidc": parts.provider is not None}

    @app.get("/oidc/start")
    def start(request: Request) -> Response:
        """Off to the provider; the browser is known again by a cookie when it comes back."""
        provider = _provider(parts)
        slow_down(request, "oidc")
        try:
            url, flow = provider.begin(provider.returns_to(str(request.base_url)))
        except Refused as refused:
            return _sent_home(refused)
        reply = RedirectResponse(url, 303)
        secure = request.url.scheme == "https"
        # Lax: it must come along when the provider's page sends the browser back.
        reply.set_cookie(
            FLOW_COOKIE, parts.accounts.keep_flow(flow), FLOW_S, path="/oidc", secure=secure, httponly=True,
            samesite="lax",
        )  # fmt: skip
        return reply

    @app.get("/oidc/return")
    def come_back(request: Request, code: str = "", state: str = "") -> Response:
        """Back from the provider: who it names is logged in, if he is a user here. Always on to our own first page."""
        provider = _provider(parts)
        flow = parts.accounts.take_flow(request.cookies.get(FLOW_COOKIE, ""), state)
        try:
            if flow is None or not code:
                slow_down(request, "oidc return")
                raise Refused("oidc_refused", "no log-in began here, or the provider gave no code")
            name = provider.name(flow, code, provider.returns_to(str(request.base_url)))
            posts = parts.accounts.all().get(name)
            if posts is None:
                told = name if NAME.fullmatch(name) else f"digest {content_id(name)}"
                audit(parts.reader, "oidc", "log in refused", told, "the provider names nobody who is a user here")
                raise Refused("oidc_unknown", "no such user")
        except Refused as refused:
            return _sent_home(refused)
        token, who = parts.accounts.begin(name, posts[0])
        audit(parts.reader, who.user, "log in", who.post, "log-in by the OpenID Connect provider")
        return _forget_flow(let_in(request, RedirectResponse("/", 303), token))

    @app.post("/login")
    def log_in(request: Request, given: LogIn) -> Response:
        same_origin(request)
        if not parts.settings.local_login:
            raise HTTPException(403, "there is no log-in by password here")
        posts = parts.accounts.check(given.user, given.password)
        if not posts or (given.post and given.post not in posts):
            count_failure(request, given.user)
            raise HTTPException(401, "no user with this name and password")
        token, who = parts.accounts.begin(given.user, given.post or posts[0])
        audit(parts.reader, who.user, "log in", who.post, "log-in")
        return let_in(request, JSONResponse(shown(who)), token)

    @app.get("/me")
    def me(who: Annotated[Session, Depends(session)]) -> dict[str, Any]:
        return shown(who)

    @app.post("/logout")
    def log_out(request: Request, who: Annotated[Session, Depends(session)]) -> JSONResponse:
        parts.accounts.end(request.cookies.get(COOKIE, ""))
        audit(parts.reader, who.user, "log out", who.post, "log-out")
        reply = JSONResponse({})
        reply.delete_cookie(COOKIE, path="/")
        return reply
