"""A real gateway for tests: a process of its own, users of a facility, alerts of a real fold put on their topic."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import requests
from confluent_kafka import Producer

from infra.gateway.accounts import Accounts, default_users
from infra.local.gateway import GatewayService
from infra.settings import ALERTS_TOPIC, Settings, bootstrap
from streaming_jobs.response import load_plan
from tests.support.scene import T0, end, fold_all, frame, received, seen, site_plan

FACILITY = "330101"
PASSWORD = "only-of-this-test-5f1c"
USERS = tuple(default_users(FACILITY, load_plan()))


@contextmanager
def gateway(settings: Settings) -> Iterator[str]:
    """The gateway's address; users are those of FACILITY, all with PASSWORD."""
    accounts = Accounts(settings.access_db)
    for name, posts in default_users(FACILITY, load_plan()).items():
        if name not in accounts.all():
            accounts.add(name, posts, PASSWORD)
    accounts.close()
    GatewayService().start(settings)
    try:
        yield GatewayService().address(settings)
    finally:
        GatewayService().stop(settings)


def fight_rows(begin: int, zone: str = "A1") -> list[dict[str, Any]]:
    """Rows of ``silver.alert`` of a fight in a cell, by the real fold."""
    fight = [
        frame(
            begin + i * 500,
            seen("t1", 3.0, 3.0, zone, subject="p-1", role="detainee", motion="abrupt"),
            seen("t2", 3.6, 3.0, zone, subject="p-2", role="detainee", motion="active"),
        )
        for i in range(12)
    ]
    out = fold_all(received([site_plan(begin - 10_000), *fight, end(begin + 60_000)], at=begin + 90_000))
    return [row for row in out.alert if row["rule"] == "cel-01"]


def raise_alerts(settings: Settings, rows: Sequence[dict[str, Any]]) -> None:
    """Put rows on the topic of alerts, as the stream job does."""
    producer = Producer({"bootstrap.servers": bootstrap(settings)})
    for row in rows:
        producer.produce(ALERTS_TOPIC, json.dumps(row).encode(), row["facility"].encode())
    producer.flush(30)


class Terminal:
    """A logged-in terminal without a browser."""

    def __init__(self, address: str, user: str, password: str = PASSWORD) -> None:
        self.address, self.http = address, requests.Session()
        self.reply = self.http.post(f"{address}/login", json={"user": user, "password": password}, timeout=30)
        if self.reply.ok:
            self.me = self.reply.json()
            self.http.headers["X-CSRF-Token"] = self.me["csrf"]

    def get(self, path: str) -> Any:
        return self.http.get(f"{self.address}{path}", timeout=30)

    def post(self, path: str, body: Any, **options: Any) -> Any:
        return self.http.post(f"{self.address}{path}", json=body, timeout=30, **options)

    def cases(self) -> list[dict[str, Any]]:
        return list(self.get("/cases").json()["cases"])


__all__ = ["FACILITY", "PASSWORD", "T0", "USERS", "Terminal", "fight_rows", "gateway", "raise_alerts"]
