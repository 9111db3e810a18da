"""Alert to closed case on real terminals: a broker, the gateway as a process, phones in a real browser."""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from dashboards.pictures import open_browser
from infra.appointments.book import Book
from infra.appointments.plan import DEFAULT
from infra.appointments.words import Request
from infra.settings import Settings
from ingestion.contracts import AdminUnit, DutyShift, Facility, PersonContext, ReceivedRecord, RectificationOrder
from tests.support.browser import browser_path
from tests.support.gateway import PASSWORD, USERS, Terminal, fight_rows, gateway, raise_alerts
from tests.support.instance import broker_instance  # noqa: F401
from tests.support.lake import fill, learnt
from tests.support.patience import eventually
from tests.support.topic import read_topic

pytestmark = [pytest.mark.browser, pytest.mark.jvm]


@dataclass(frozen=True)
class Running:
    settings: Settings
    address: str
    browser: Browser


@pytest.fixture(scope="module")
def running(broker_instance: Settings) -> Iterator[Running]:  # noqa: F811
    browser_path()
    plan = DEFAULT.read_text(encoding="utf-8")
    for old, new in (("notice_minutes: 30", "notice_minutes: 0"), ("step_minutes: 30", "step_minutes: 5"),
                     ("days: [mon, tue, wed, thu, fri], opens: \"09:00\", closes: \"11:30\"",
                      "days: [mon, tue, wed, thu, fri, sat, sun], opens: \"00:00\", closes: \"23:59\""),
                     ("lawyer: {minutes: 60", "lawyer: {minutes: 5")):  # fmt: skip
        assert old in plan
        plan = plan.replace(old, new)  # visits at any hour at which this test runs
    (broker_instance.home / "appointments.yaml").write_text(plan, encoding="utf-8")
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


def answers_in_topic(settings: Settings, kind: str = "terminal") -> list[dict[str, Any]]:
    records = [json.loads(r.value) for r in read_topic(settings, "response")]
    return [record for record in records if record["type"] == kind]


def test_a_fight_reaches_exactly_the_right_posts_is_answered_on_the_phone_and_closes(running: Running) -> None:
    terminals = {user: Terminal(running.address, user) for user in USERS}
    context, page = phone(running, "block_duty-330101")
    called, medical = phone(running, "medical-330101")
    not_called, gate = phone(running, "gate-330101")
    rows = fight_rows(int(time.time() * 1000) - 4000)
    raise_alerts(running.settings, rows)
    card = page.locator("article")
    expect(card).to_have_count(1)
    expect(card.locator(".title")).to_have_text("打斗")
    hears = {user for user, terminal in terminals.items() if terminal.cases()}
    expected = {"control_room-330101", "block_duty-330101", "medical-330101"}
    night = {"leader-330101"} if "leader-330101" in hears else set()  # by the hour at which this test runs
    assert hears == expected | night
    expect(medical.locator("article .title")).to_have_text("打斗")
    expect(gate.locator(".empty")).to_be_visible()
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
    expect(medical.locator("article")).to_have_attribute("data-status", "on_scene")
    card.locator("[data-action=done]").click()
    expect(card).to_have_attribute("data-status", "closed")
    assert all(terminal.cases() == [] for terminal in terminals.values())
    assert page.faults == []  # type: ignore[attr-defined]
    for one in (context, called, not_called):
        one.close()

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


def waiting(page: Page) -> int:
    return int(page.evaluate("document.body.dataset.waiting || 0"))


def test_what_is_pressed_offline_is_sent_later_in_order_and_once(running: Running) -> None:
    context, page = phone(running, "control_room-330101")
    raise_alerts(running.settings, fight_rows(int(time.time() * 1000) - 4000, "B1"))
    card = page.locator("article").first
    expect(card).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    context.set_offline(True)
    page.reload()  # the page itself comes from its cache, the cases from the last time
    expect(card.locator(".title")).to_have_text("打斗")
    card.locator("[data-action=acknowledge]").click()
    page.locator("nav [data-page=round]").click()
    for zone in ("A1", "B1"):
        page.locator("[name=zone]").fill(zone)
        page.locator("#check-in [value=arrive]").click()
    page.locator("nav [data-page=cases]").click()
    note_with_a_photo(page, "双方已分开")
    eventually(lambda: waiting(page) == 4)
    expect(page.locator("#line")).to_contain_text("网络中断")
    page.reload()  # a terminal that is switched off and on keeps them
    eventually(lambda: waiting(page) == 4)

    # The line comes back, but every first answer is lost on its way: the entry is sent again, and done once.
    lost: set[str] = set()
    sent: list[str] = []

    def lossy(route: Any) -> None:
        entry = json.loads(route.request.post_data)
        sent.append(f"{entry['kind']} {entry.get('zone', '')}".strip())
        reply = route.fetch()
        if entry["key"] in lost:
            route.fulfill(response=reply)
        else:
            lost.add(entry["key"])
            route.abort()

    page.route("**/entries", lossy)  # before the line is back, or the first entry goes by unseen
    context.set_offline(False)
    eventually(lambda: waiting(page) == 0)
    assert sent == [kind for kind in ("answer", "check_in A1", "check_in B1", "note") for _ in range(2)]
    expect(card).to_have_attribute("data-status", "acknowledged")
    case = Terminal(running.address, "control_room-330101").cases()[0]["case"]
    line = Terminal(running.address, "control_room-330101").get(f"/cases/{case}").json()["line"]
    assert [one["detail"] for one in line if one["kind"] == "answered"] == ["acknowledge"]
    notes = [one for one in line if one["kind"] == "noted"]
    assert [one["text"] for one in notes] == ["双方已分开\nrecording rec-7"]
    eventually(lambda: [r["zone"] for r in answers_in_topic(running.settings, "patrol")] == ["A1", "B1"])
    assert "双方已分开" not in "".join(r.value.decode() for r in read_topic(running.settings))

    card.locator("[data-more=line]").click()
    card.locator(".line button").click()
    expect(card.locator(".line img")).to_be_visible()
    assert page.faults == []  # type: ignore[attr-defined]
    if folder := os.environ.get("SAFEHOLD_PICTURES"):
        page.screenshot(path=str(Path(folder) / "line.png"))
    context.close()


def note_with_a_photo(page: Page, text: str) -> None:
    picture = base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )
    page.locator("article").first.locator("[data-more=note]").click()
    page.locator("dialog textarea").fill(text)
    page.locator("dialog [name=recording]").fill("rec-7")
    page.locator("dialog [name=photo]").set_input_files({"name": "p.png", "mimeType": "image/png", "buffer": picture})
    page.locator("dialog button.strong").click()


def test_a_panic_asks_once_and_becomes_an_event(running: Running) -> None:
    context, page = phone(running, "gate-330101")
    expect(page.locator(".empty")).to_be_visible()
    page.locator("#panic").click()
    page.locator("dialog button.strong").click()
    eventually(lambda: [r for r in answers_in_topic(running.settings) if r["action"] == "panic"])
    (panic,) = [r for r in answers_in_topic(running.settings) if r["action"] == "panic"]
    assert (panic["post"], panic["officer"], panic["facility"]) == ("gate", "gate-330101", "330101")
    context.close()


def test_a_place_s_code_opens_the_check_in_of_that_place(running: Running) -> None:
    context, page = phone(running, "medical-330101")
    page.goto(f"{running.address}/#at=yard")
    expect(page.locator("[name=zone]")).to_have_value("yard")
    page.locator("#check-in [value=leave]").click()
    expect(page.locator("#sent")).to_contain_text("已发送")
    eventually(lambda: [r["action"] for r in answers_in_topic(running.settings, "patrol") if r["zone"] == "yard"])
    context.close()


def test_a_leader_orders_a_drill_and_other_posts_cannot(running: Running) -> None:
    context, page = phone(running, "leader-330101")
    page.locator("nav [data-page=round]").click()
    page.locator("#emergency [value=open]").click()
    page.locator("#ask [value=order_open]").click()
    expect(page.locator("#sent")).to_contain_text("演练")
    [sent] = eventually(lambda: answers_in_topic(running.settings, "emergency"))
    assert (sent["kind"], sent["action"], sent["facility"], sent["minutes"]) == ("drill", "open", "330101", 5.0)
    context.close()
    context, page = phone(running, "gate-330101")
    page.locator("nav [data-page=round]").click()
    expect(page.locator("#emergency")).to_be_hidden()
    entry = {"key": "k-00000077", "at": 0, "kind": "emergency", "order": "drill", "action": "open"}
    assert Terminal(running.address, "gate-330101").post("/entries", entry).status_code == 403
    context.close()


def test_an_officer_sees_the_own_duty_and_the_warning_before_the_limit(running: Running) -> None:
    now, hour = int(time.time() * 1000), 3_600_000
    shift = {"facility": "330101", "device": "roster", "shift": "s-1", "post": "gate", "officer": "gate-330101"}
    plan = DutyShift(event_time=now, action="plan", starts_at=now + hour, ends_at=now + 15 * hour, **shift)  # type: ignore[arg-type]
    record = {"topic_partition": 0, "topic_offset": 10**9, "received_at": now, "source": "t", "record_key": b"330101"}
    fill(running.settings, ReceivedRecord(payload=plan.model_dump_json().encode(), **record))  # type: ignore[arg-type]
    context, page = phone(running, "gate-330101")
    page.locator("nav [data-page=duty]").click()
    expect(page.locator("#figures")).to_contain_text("近 7 天执勤")
    expect(page.locator("#warnings")).to_contain_text("连续执勤 14.0 小时（上限 12）")
    page.locator("#language").click()
    expect(page.locator("#warnings")).to_contain_text("14.0 h on duty (at most 12)")
    assert page.faults == []  # type: ignore[attr-defined]
    context.close()


def test_an_overdue_listed_order_shows_at_the_city_and_at_the_province(running: Running) -> None:
    known = {"known_from": learnt("2025-01-01"), "source": "t"}
    units = [("00", "nation", None), ("33", "province", "00"), ("3301", "city", "33")]
    order = {"rectification": "r-1", "finding": "f-1", "category": "duty", "listed": True, "ordered": date(2025, 1, 1)}
    fill(
        running.settings,
        *(AdminUnit(unit=u, tier=t, parent=p, name_en=u, name_zh=u, **known) for u, t, p in units),  # type: ignore[arg-type]
        Facility(
            facility="330101", unit="3301", name_en="a", name_zh="a", facility_type="detention_centre",
            opened=date(2000, 1, 1), **known,  # type: ignore[arg-type]
        ),
        RectificationOrder(facility="330101", due=date(2025, 2, 1), **order, **known),  # type: ignore[arg-type]
        RectificationOrder(
            facility="330101", due=date(2099, 1, 1), **{**order, "rectification": "r-2"}, **known,  # type: ignore[arg-type]
        ),
    )  # fmt: skip
    for user in ("city_duty-3301", "province-33"):
        context, page = phone(running, user)
        page.locator("nav [data-page=orders]").click()
        expect(page.locator("#overdue li")).to_have_count(1)
        expect(page.locator("#overdue")).to_contain_text("330101 · 执勤 · 挂牌督办 · 逾期")
        assert page.faults == []  # type: ignore[attr-defined]
        context.close()
    context, page = phone(running, "gate-330101")
    expect(page.locator("nav [data-page=orders]")).to_be_hidden()
    context.close()


def test_the_gate_lets_a_lawyer_in_and_out_and_the_rules_hear_of_it(running: Running) -> None:
    book = Book(running.settings, lambda: int(time.time() * 1000))
    held = PersonContext(facility="330101", event_time=int(time.time() * 1000), device="register", subject="p-1")
    fill(
        running.settings,
        ReceivedRecord(
            topic_partition=0, topic_offset=10**9, received_at=held.event_time, source="t", record_key=b"330101",
            payload=held.model_dump_json().encode(),
        ),
    )  # fmt: skip
    book.round()
    asked = Request("a-1", "lawyer", "p-1", "v-1")
    assert [s.did for s in book.enter("330101", "k", asked, "o-1", "visits request", "a-1", "t").steps][
        1
    ] == "confirmed"
    context, page = phone(running, "gate-330101")
    page.locator("#language").click()
    page.locator("[data-page=visits]").click()
    row = page.locator("[data-appointment=a-1]")
    expect(row).to_contain_text("lawyer · p-1 · booked")
    row.locator("[data-action=open]").click()
    expect(row).to_contain_text("going on")
    row.locator("[data-action=close]").click()
    expect(row).to_have_count(0)
    assert book.land() == 0
    events = [json.loads(r.value) for r in read_topic(running.settings, "appointments")]
    assert [one["action"] for one in events] == ["request", "book", "open", "close"]
    other, medical = phone(running, "medical-330101")
    expect(medical.locator("[data-page=visits]")).to_be_hidden()
    assert page.faults == medical.faults == []  # type: ignore[attr-defined]
    for one in (context, other):
        one.close()


def test_a_visit_is_asked_for_at_the_gate_and_block_duty_is_told_whom_to_bring(running: Running) -> None:
    """Within the hour, by this plan; offline the request is refused in clear words, and nothing is kept for later."""
    other, block = phone(running, "block_duty-330101")
    context, page = phone(running, "gate-330101")
    page.locator("[data-page=visits]").click()
    form, told = page.locator("#visit-request"), page.locator("#request-told")
    form.locator("[name=visit]").select_option("lawyer")
    form.locator("[name=subject]").fill("p-1")
    form.locator("[name=visitor]").fill("v-2")
    form.locator("[name=begin]").fill("2026-01-01T09:00")
    form.locator("button").click()
    expect(told).to_have_text("期望时段请同时填写开始和结束")
    form.locator("[name=begin]").fill("")
    context.set_offline(True)
    form.locator("button").click()
    expect(told).to_contain_text("网络中断：申请未提交")
    context.set_offline(False)
    assert waiting(page) == 0
    form.locator("button").click()
    expect(told).to_contain_text("已预约：")
    expect(told).to_contain_text(" M-1")
    row = page.locator("#visiting [data-appointment]")
    expect(row).to_contain_text("律师 · p-1 · 已预约")
    form.locator("[name=subject]").fill("p-404")
    form.locator("[name=visitor]").fill("v-2")
    form.locator("button").click()
    expect(told).to_contain_text("未能安排：该人员不在本所羁押")
    # The gateway's next round calls for the person; the block's terminal hears of it without being touched.
    block.set_default_timeout(60_000)
    expect(block.locator("#coming")).to_have_text("1", timeout=60_000)
    block.locator("[data-page=visits]").click()
    expect(block.locator("#visiting")).to_contain_text("请将被会见人带到会见室")
    expect(block.locator("#visit-request")).to_be_hidden()
    gate = Terminal(running.address, "gate-330101")
    entry = {"key": "k-00000088", "at": 0, "kind": "visit_request", "visit": "family", "subject": "p-1", "visitor": "v"}
    assert gate.post("/entries", entry, headers={"X-CSRF-Token": ""}).status_code == 403
    assert gate.post("/entries", {**entry, "subject": "王五"}).status_code == 422
    assert Terminal(running.address, "block_duty-330101").post("/entries", entry).status_code == 403
    assert page.faults == block.faults == []  # type: ignore[attr-defined]
    for one in (context, other):
        one.close()


def test_the_page_is_installable_and_has_both_languages(running: Running) -> None:
    context, page = phone(running, "medical-330101")
    manifest = page.evaluate("fetch('/manifest.webmanifest').then(r => r.json())")
    assert (manifest["display"], manifest["start_url"]) == ("standalone", "/")
    assert page.evaluate("navigator.serviceWorker.ready.then(r => r.active.scriptURL)").endswith("/worker.js")
    missing = page.evaluate(
        """import("/words.js").then(({word, translate, toggle}) => {
          const names = [...document.querySelectorAll("[data-word]"),
            ...document.querySelector("#case").content.querySelectorAll("[data-word]")].map(e => e.dataset.word);
          const zh = names.map(word); toggle(); const en = names.map(word); toggle();
          return names.filter((name, i) => !zh[i] || !en[i] || (zh[i] === name) || !/[\\u4e00-\\u9fff]/.test(zh[i]));
        })"""
    )
    assert missing == []
    context.close()
