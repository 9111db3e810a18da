"""Log-in by an OpenID Connect provider: it names the user. Posts, rights and sessions stay with the local accounts.

The authorization code flow with PKCE (RFC 7636); Authlib checks the ID token's signature, issuer, audience, nonce and
times. What a browser began is kept here until it comes back, so that it counts once.
"""

from __future__ import annotations

import logging
import stat
import time
from typing import Any, Literal
from urllib.parse import urlsplit

import requests
from authlib.integrations.base_client import BaseApp, OAuth2Mixin, OAuthError, OpenIDMixin
from authlib.integrations.requests_client import OAuth2Session
from joserfc.errors import JoseError

from infra.gateway.accounts import Flow
from infra.settings import Settings, UserError

LOG = logging.getLogger("safehold.gateway")
SECRET = "oidc-client-secret"
TIMEOUT_S = 10.0
LEEWAY_S = 60
"""How far the provider's clock and ours may be apart."""
METADATA_S = 3600.0
SIGNED_BY = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Signatures by the provider's own key; never `none`, and none by a secret that we know, too."""
Fault = Literal["oidc_refused", "oidc_away", "oidc_unknown"]


class Refused(Exception):
    """Why nobody is logged in; ``fault`` is a word of the page."""

    def __init__(self, fault: Fault, why: str) -> None:
        super().__init__(why)
        self.fault: Fault = fault


class _Client(OAuth2Mixin, OpenIDMixin, BaseApp):  # type: ignore[misc]
    client_cls = OAuth2Session
    server_metadata: dict[str, Any]

    def load_server_metadata(self) -> dict[str, Any]:
        """The provider's own description of itself, read anew each hour."""
        if time.time() - self.server_metadata.get("_loaded_at", 0) > METADATA_S:
            self.server_metadata = {}
        found: dict[str, Any] = super().load_server_metadata()
        algorithms = found.get("id_token_signing_alg_values_supported") or ["RS256"]
        found["id_token_signing_alg_values_supported"] = [one for one in algorithms if one in SIGNED_BY]
        return found


class Provider:
    """The provider of an instance's settings.

    Raises:
        UserError: the issuer is no safe address, or the client's secret is missing or readable by others.
    """

    def __init__(self, settings: Settings) -> None:
        issuer = settings.oidc_issuer
        parts = urlsplit(issuer)
        if not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost"))):
            raise UserError(f"{issuer!r} is no https address", where="SAFEHOLD_OIDC_ISSUER", do="give the issuer's own")
        self._issuer, self._claim = issuer, settings.oidc_user_claim
        self._client_id, self._public = settings.oidc_client_id, settings.gateway_address.rstrip("/")
        self._client = _Client(
            None,
            client_id=self._client_id,
            client_secret=_secret(settings),
            server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": "openid profile",
                "code_challenge_method": "S256",
                "default_timeout": TIMEOUT_S,
            },
        )

    def returns_to(self, asked_at: str) -> str:
        """Where the provider sends the browser back to.

        Args:
            asked_at: the gateway's address by the request; counts where the settings name none.
        """
        return f"{self._public or asked_at.rstrip('/')}/oidc/return"

    def begin(self, returns_to: str) -> tuple[str, Flow]:
        """The provider's page to log in at, and what must come back.

        Raises:
            Refused: the provider cannot be reached or is another one.
        """
        try:
            self._check_issuer()
            made = self._client.create_authorization_url(returns_to)
        except (requests.RequestException, ValueError, RuntimeError) as error:
            raise Refused("oidc_away", type(error).__name__) from error
        return made["url"], Flow(made["state"], made["nonce"], made["code_verifier"])

    def name(self, flow: Flow, code: str, returns_to: str) -> str:
        """The user that the provider names for a code.

        Raises:
            Refused: the provider does not take the code, its token is not right, or it names nobody.
        """
        try:
            self._check_issuer()
            token = self._client.fetch_access_token(returns_to, code=code, code_verifier=flow.verifier)
            options = {
                "iss": {"essential": True, "value": self._issuer},
                "aud": {"essential": True, "value": self._client_id},
                "exp": {"essential": True},
            }
            claims = self._client.parse_id_token(token, flow.nonce, claims_options=options, leeway=LEEWAY_S)
        except requests.RequestException as error:
            raise Refused("oidc_away", type(error).__name__) from error
        except (OAuthError, JoseError, ValueError, KeyError, TypeError, RuntimeError) as error:
            raise Refused("oidc_refused", str(getattr(error, "error", "")) or type(error).__name__) from error
        name = (claims or {}).get(self._claim)
        if not isinstance(name, str) or not name:
            raise Refused("oidc_refused", f"the token has no {self._claim}")
        return name

    def _check_issuer(self) -> None:
        if self._client.load_server_metadata().get("issuer") != self._issuer:
            raise Refused("oidc_refused", "the provider calls itself otherwise")  # OpenID Connect Discovery, 4.3


def _secret(settings: Settings) -> str:
    path = settings.secrets / SECRET
    if not path.exists():
        raise UserError("the client's secret is missing", where=str(path), do="write it there, readable by you only")
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UserError("others may read the client's secret", where=str(path), do=f"chmod 600 {path}")
    return path.read_text(encoding="utf-8").strip()
