"""Alert to closed case on real terminals: a broker, the gateway as a process, phones in a real browser."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from dashboards.pictures import open_browser
from infra.settings import Settings
from tests.support.browser import browser_path
from tests.support.gateway import PASSWORD, USERS, Terminal, fight_rows, gateway, raise_alerts
from tests.support.instance import broker_instance  # noqa: F401
from tests.support.topic import read_topic

pytestmark = [pytest.mark.browser, pytest.mark.jvm]
PATIENCE_S = 60


@dataclass(frozen=True)
class Running:
    settings: Settings
    address: str
    browser: Browser


@pytest.fixture(scope="module")
def running(broker_instance: Settings) -> Iterator[Running]:  # noqa: F811
    browser_path()
    with gateway(broker_instance) as address, open_browser() as browser:
        yield Running(broker_instance, address, browser)


def phone(running: Running, user: str) -> tuple[BrowserContext, Page]:
    """A phone on which a user has logged in."""
    context = running.browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    context.set_default_timeout(20_000)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security" in said.text else None)
    page.goto(running.address)
    page.locator("[name=user]").fill(user)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("#login button").click()
    expect(page.locator("nav")).to_be_visible()
    page.faults = faults  # type: ignore[attr-defined]
    return context, page


def eventually(what: Callable[[], Any]) -> Any:
    end = time.monotonic() + PATIENCE_S
    while not (found := what()):
        assert time.monotonic() < end, f"waited {PATIENCE_S} s in vain"
        time.sleep(0.1)
    return found


def answers_in_topic(settings: Settings, kind: str = "terminal") -> list[dict[str, Any]]:
    records = [json.loads(r.value) for r in read_topic(settings, "response")]
    return [record for record in records if record["type"] == kind]


def test_a_fight_reaches_exactly_the_right_posts_is_answered_on_the_phone_and_closes(running: Running) -> None:
    terminals = {user: Terminal(running.address, user) for user in USERS}
    context, page = phone(running, "block_duty-330101")
    rows = fight_rows(int(time.time() * 1000) - 4000)
    raise_alerts(running.settings, rows)
    card = page.locator("article")
    expect(card).to_have_count(1)
    expect(card.locator(".title")).to_have_text("打斗")
    hears = {user for user, terminal in terminals.items() if terminal.cases()}
    expected = {"control_room-330101", "block_duty-330101", "medical-330101"}
    night = {"leader-330101"} if "leader-330101" in hears else set()  # by the hour at which this test runs
    assert hears == expected | night
    assert len({case["case"] for user in hears for case in terminals[user].cases()}) == 1

    page.locator("#language").click()
    expect(card.locator(".title")).to_have_text("Fighting")
    if folder := os.environ.get("SAFEHOLD_PICTURES"):
        page.locator("#language").click()
        page.screenshot(path=str(Path(folder) / "terminal.png"))
        page.locator("#language").click()
    card.locator("[data-action=acknowledge]").click()
    expect(card).to_have_attribute("data-status", "acknowledged")
    eventually(lambda: [c["status"] for c in terminals["medical-330101"].cases()] == ["acknowledged"])
    card.locator("[data-action=on_scene]").click()
    expect(card).to_have_attribute("data-status", "on_scene")
    card.locator("[data-action=done]").click()
    expect(card).to_have_attribute("data-status", "closed")
    assert all(terminal.cases() == [] for terminal in terminals.values())
    assert page.faults == []  # type: ignore[attr-defined]
    context.close()

    def all_answers() -> list[dict[str, Any]]:
        found = answers_in_topic(running.settings)
        return found if len(found) >= 3 * len(alerts) else []

    def all_steps() -> list[dict[str, Any]]:
        found = answers_in_topic(running.settings, "case")
        return found if any(step["step"] == "closed" for step in found) else []

    alerts = {row["alert_id"] for row in rows}
    answers, steps = eventually(all_answers), eventually(all_steps)
    assert [a["action"] for a in answers if a["alert"] == rows[0]["alert_id"]] == ["acknowledge", "on_scene", "done"]
    assert {a["alert"] for a in answers} == alerts
    assert {"opened", "told", "answered", "closed"} <= {step["step"] for step in steps}
