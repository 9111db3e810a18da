"""An OpenID Connect provider as a process of its own: oidc-provider-mock, which signs and answers as a real one does.

Claims that a test gives a user override those of the ID token, which is how a wrong one comes about. The provider
itself ignores PKCE; here a code is given out only for the verifier of its challenge (RFC 7636, S256).

    python -m tests.support.oidc_provider PORT
"""

from __future__ import annotations

import base64
import hashlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from tests.support.patience import eventually


@dataclass(frozen=True)
class Idp:
    """The provider that runs."""

    issuer: str

    def set_user(self, sub: str, **claims: Any) -> None:
        """A user, with what its tokens are to say."""
        requests.put(
            f"{self.issuer}/users/{sub}", json={"preferred_username": sub, **claims}, timeout=30
        ).raise_for_status()

    def log_in(self, page: str, sub: str) -> str:
        """Log in at the provider's page; returns where it sends the browser."""
        reply = requests.post(page, data={"sub": sub}, allow_redirects=False, timeout=30)
        assert reply.status_code == 302, reply.text
        return reply.headers["Location"]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def oidc_provider() -> Iterator[Idp]:
    """The provider at ``localhost``, another site than the gateway's 127.0.0.1."""
    port = free_port()
    env = {**os.environ, "AUTHLIB_INSECURE_TRANSPORT": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, str(port)], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    idp = Idp(f"http://localhost:{port}")

    def answers() -> bool:
        try:
            return requests.get(f"{idp.issuer}/.well-known/openid-configuration", timeout=5).ok
        except requests.ConnectionError:
            return False

    try:
        eventually(answers)
        yield idp
    finally:
        process.terminate()
        process.wait(30)


def serve(port: int) -> None:
    """Serve until stopped."""
    import flask
    import oidc_provider_mock
    from werkzeug.serving import run_simple

    app: flask.Flask = oidc_provider_mock.app(require_nonce=True)
    challenges: dict[str, str] = {}

    @app.before_request
    def only_with_the_verifier() -> tuple[dict[str, str], int] | None:
        asked = flask.request
        if asked.path == "/oauth2/authorize" and asked.args.get("code_challenge_method") != "S256":
            return {"error": "invalid_request"}, 400
        if asked.path == "/oauth2/token":
            digest = hashlib.sha256(asked.form.get("code_verifier", "").encode()).digest()
            made = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            if made != challenges.get(asked.form.get("code", "")):
                return {"error": "invalid_grant"}, 400
        return None

    @app.after_request
    def keep_the_challenge(reply: flask.Response) -> flask.Response:
        codes = parse_qs(urlsplit(reply.headers.get("Location", "")).query).get("code", [])
        challenges.update((code, flask.request.args["code_challenge"]) for code in codes)
        return reply

    run_simple("127.0.0.1", port, app, threaded=True)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
