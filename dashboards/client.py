"""A small client of Superset's REST API: log-in, then JSON calls."""

from __future__ import annotations

import json
from typing import Any, cast

import requests

from infra.settings import SafeholdError


class Client:
    """One user's session with Superset's API."""

    def __init__(self, address: str, user: str, password: str) -> None:
        """Log in.

        Raises:
            SafeholdError: Superset does not answer, or does not know the log-in.
        """
        self.address, self.user = address, user
        self._session = requests.Session()
        login = {"username": user, "password": password, "provider": "db", "refresh": False}
        try:
            answer = self._session.post(f"{address}/api/v1/security/login", json=login, timeout=60)
        except requests.RequestException as error:
            raise SafeholdError(
                f"Superset does not answer: {error}", where=address, do="start it: safehold up --only superset"
            ) from error
        if answer.status_code != 200:
            raise SafeholdError(
                f"Superset refused the log-in of {user} ({answer.status_code})",
                where=address,
                do="the passwords of this instance are in secrets/logins.json of its home",
            )
        self._session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        self._session.headers["Referer"] = address
        # Only who may change something is given a token against forged requests.
        token = self.request("GET", "/api/v1/security/csrf_token/")
        if token.status_code == 200:
            self._session.headers["X-CSRFToken"] = token.json()["result"]

    def request(self, method: str, path: str, **arguments: Any) -> requests.Response:
        """The plain answer, whatever its status."""
        return self._session.request(method, f"{self.address}{path}", timeout=120, **arguments)

    def call(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        """The answer's JSON.

        Raises:
            SafeholdError: Superset refused; with its own words.
        """
        answer = self.request(method, path, **arguments)
        if answer.status_code >= 400:
            raise SafeholdError(f"Superset refused {method} {path} ({answer.status_code}): {answer.text[:1000]}")
        return cast(dict[str, Any], answer.json())

    def get(self, path: str, **query: object) -> dict[str, Any]:
        """GET; `query` goes as JSON in `q`, which Superset reads as well as its own rison."""
        return self.call("GET", path, params={"q": json.dumps(query)} if query else None)

    def everything(self, path: str, **query: object) -> list[dict[str, Any]]:
        """All pages of a list."""
        found: list[dict[str, Any]] = []
        page = 0
        while True:
            answer = self.get(path, page=page, page_size=100, **query)
            found += answer["result"]
            if not answer["result"] or len(found) >= answer["count"]:
                return found
            page += 1
