"""Every dashboard in a real browser: all charts, both languages, three sizes of screen, keyboard, accessibility.

And the first task of each audience, done as a person would: by what the page shows and what can be clicked.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import cv2
import duckdb
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page

from dashboards.access import load_access
from dashboards.bundle import slug
from dashboards.pictures import chart_states, log_in, open_browser, wait_for_charts
from dashboards.spec import LANGUAGES, Dashboard, Language, load_dashboards
from infra.local.dashboards import logins
from tests.support.browser import browser_path
from tests.support.looks import difference, small
from tests.support.published import SILENT
from tests.support.superset import Running

pytestmark = pytest.mark.browser
DASHBOARDS = {dashboard.name: dashboard for dashboard in load_dashboards()}
APPROVED = Path(__file__).with_name("approved")
"""Pictures of the tests' own rows, made up by a seed; never of anybody's data."""
SIZES = {"laptop": (1366, 768), "wall": (2560, 1440), "phone": (390, 844)}
# What Superset's own frame around the dashboards does, which no dashboard can mend. Everything else must be clean.
UPSTREAM = {"aria-prohibited-attr", "color-contrast", "html-has-lang", "page-has-heading-one"}


@dataclass(frozen=True, eq=False)
class Site:
    """A deployed Superset, a browser, and what to log in with."""

    address: str
    passwords: dict[str, str]
    browser: Browser
    published: Path

    def page(self, user: str, name: str, language: Language, size: str = "laptop") -> Page:
        """A dashboard as the user sees it, with all its charts drawn."""
        context = log_in(self.browser, self.address, user, self.passwords[user])
        context.request.get(f"{self.address}/lang/{language}", max_redirects=0)
        page = context.new_page()
        width, height = SIZES[size]
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"{self.address}/superset/dashboard/{slug(DASHBOARDS[name], language)}/?standalone=1")
        wait_for_charts(page, len(DASHBOARDS[name].charts))
        return page


@pytest.fixture(scope="module")
def site(running: Running) -> Iterator[Site]:
    browser_path()
    with open_browser() as browser:
        yield Site(running.address, logins(running.settings), browser, running.settings.published_db)


def reader_of(dashboard: Dashboard) -> str:
    return next(name for name, user in load_access().users.items() if dashboard.audience in user.audiences)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", DASHBOARDS)
def test_every_chart_is_drawn_on_every_screen_and_nothing_is_fetched_from_elsewhere(
    site: Site, name: str, language: Language, tmp_path: Path
) -> None:
    dashboard = DASHBOARDS[name]
    user = reader_of(dashboard)
    context = log_in(site.browser, site.address, user, site.passwords[user])
    context.request.get(f"{site.address}/lang/{language}", max_redirects=0)
    page = context.new_page()
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(urlsplit(request.url).netloc))
    page.goto(f"{site.address}/superset/dashboard/{slug(dashboard, language)}/?standalone=1")
    titles = {chart.title.get(language) for chart in dashboard.charts.values()}
    for width, height in SIZES.values():
        page.set_viewport_size({"width": width, "height": height})
        states = wait_for_charts(page, len(dashboard.charts))
        assert [(s.title, s.error or "empty") for s in states if s.error or s.empty] == []
        assert {s.title for s in states} == titles
    assert asked - {"", urlsplit(site.address).netloc} == set()

    # Not at the phone's size: there axe asks boxes that scroll to take the focus, which Chromium gives them by itself.
    page.set_viewport_size({"width": SIZES["laptop"][0], "height": SIZES["laptop"][1]})
    wait_for_charts(page, len(dashboard.charts))
    found = Axe().run(page)
    faults = {v["id"]: v["nodes"][0]["html"][:200] for v in found.response["violations"]}
    assert {rule: html for rule, html in faults.items() if rule not in UPSTREAM} == {}
    if language == "zh":
        _looks_as_approved(page, name, tmp_path / f"{name}.png")
    context.close()


def _looks_as_approved(page: Page, name: str, taken: Path) -> None:
    """Compare with the approved picture; SAFEHOLD_APPROVE=1 takes what is there as approved, to be looked at."""
    height = page.evaluate("() => Math.max(...[...document.querySelectorAll('*')].map(e => e.scrollHeight))")
    page.set_viewport_size({"width": 1600, "height": int(height) + 20})
    page.wait_for_timeout(1500)
    wait_for_charts(page, len(DASHBOARDS[name].charts))
    page.screenshot(path=str(taken))
    approved = APPROVED / f"{name}.png"
    if os.environ.get("SAFEHOLD_APPROVE"):
        cv2.imwrite(str(approved), small(taken))
    assert difference(small(approved), small(taken)) < 0.02, f"{taken} does not look like {approved}"


def holder(page: Page, title: str) -> Locator:
    """The box of the chart with this title."""
    return page.locator("[data-test='dashboard-component-chart-holder']", has_text=title).first


def table(page: Page, title: str) -> list[list[str]]:
    """Texts of the rows of a table."""
    rows = holder(page, title).locator("tbody tr")
    return [[cell.strip() for cell in row.locator("td").all_inner_texts()] for row in rows.all()]


def choose(page: Page, name: str, option: str) -> None:
    """Choose in a filter, apply, and wait until all charts are drawn anew."""
    page.locator(f"div[data-test='NATIVE_FILTER-{name}']").click()
    page.locator(".ant-select-item-option", has_text=option).first.click()
    page.keyboard.press("Escape")
    with page.expect_response(lambda response: "/api/v1/chart/data" in response.url):
        page.locator("[data-test='filter-bar__apply-button']").click()
    page.wait_for_timeout(500)
    wait_for_charts(page, 1)


def figure(page: Page, title: str) -> float:
    """The number of a chart of one figure."""
    return float(holder(page, title).locator(".header-line").inner_text().replace(",", ""))


def test_filters_are_reached_and_used_by_the_keyboard_alone(site: Site) -> None:
    page = site.page("analyst", "population", "en")
    whole = figure(page, "Daily population")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.id") == "NATIVE_FILTER-province":
            break
    page.keyboard.type("Zhe")
    page.wait_for_selector(".ant-select-item-option:has-text('Zhejiang')")
    page.keyboard.press("Enter")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.dataset.test") == "filter-bar__apply-button":
            break
    with page.expect_response(lambda response: "/api/v1/chart/data" in response.url):
        page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    wait_for_charts(page, 1)
    assert 0 < figure(page, "Daily population") < whole
    page.context.close()


def test_figures_follow_from_nation_to_province_to_city_to_facility(site: Site) -> None:
    page = site.page("analyst", "population", "zh")
    seen = [figure(page, "日均在押人数")]
    for name, unit in (("province", "浙江省"), ("city", "杭州市"), ("facility", "杭州市第一看守所")):
        choose(page, name, unit)
        seen.append(figure(page, "日均在押人数"))
    with duckdb.connect(str(site.published), read_only=True) as db:
        wanted = [
            db.execute(
                f"select round(arg_max(adp, month)) from publication.population where unit = '{unit}'"
            ).fetchall()
            for unit in ("00", "33", "3301", "330101")
        ]
    assert seen == [rows[0][0] for rows in wanted]
    page.context.close()


def test_the_analyst_finds_the_worst_change_of_the_unnatural_death_rate_and_sees_that_it_is_no_noise(
    site: Site,
) -> None:
    page = site.page("analyst", "deaths", "en")
    title = "Change of the unnatural-death rate"
    worst, *others = table(page, title)
    assert worst[0] == "Guangzhou No. 2 Detention Centre"
    assert float(worst[-2]) > 0  # the whole interval is above nought
    assert all(float(row[-2].replace("−", "-")) <= 0 for row in others)
    before = holder(page, "Unnatural deaths (rolling 12 months").locator("canvas").screenshot()
    with page.expect_response(lambda response: "/api/v1/chart/data" in response.url):
        holder(page, title).locator("tbody tr").first.locator("td").first.click()
    page.wait_for_timeout(1500)
    wait_for_charts(page, len(DASHBOARDS["deaths"].charts))
    assert holder(page, "Unnatural deaths (rolling 12 months").locator("canvas").screenshot() != before
    assert len(table(page, title)) == len(others) + 1  # the comparison stays
    page.context.close()


def test_the_inspector_plans_the_weeks_video_inspections_where_most_is_missing(site: Site) -> None:
    page = site.page("inspector", "inspection", "zh")
    plan = table(page, "本周视频督导安排依据")
    with duckdb.connect(str(site.published), read_only=True) as db:
        wanted = db.execute(
            "select unit_name_zh, greatest(required_minutes - reviewed_minutes, 0) from publication.inspections"
            " where tier = 'facility' and month = (select max(month) from publication.inspections) order by 2 desc"
        ).fetchall()
    assert [row[1] for row in plan] == [f"{minutes:,.0f}" for _, minutes in wanted]
    choose(page, "province", "广东省")
    own = table(page, "本周视频督导安排依据")
    assert own == [row for row in plan if row[0].startswith(("广州", "深圳"))]
    assert all(row[1] or row[2] == "0" for row in table(page, "薄弱与高负荷监所及原因"))
    page.context.close()


def test_the_engineer_finds_why_a_rule_fell_silent(site: Site) -> None:
    page = site.page("engineer", "rules", "en")
    assert figure(page, "Set aside for a fault") == 1
    choose(page, "rule", "Patrol missed")
    rule, name, unit, state, *_, why, last_raised, silent = table(page, "State of each rule at each facility")[0]
    assert (rule, name, unit) == (SILENT[0], "Patrol missed", "Hangzhou No. 2 Detention Centre")
    assert state == "Set aside for a fault"
    assert "no plan of rounds" in why
    assert last_raised.startswith("2026-10-29")
    assert float(silent) > 24
    assert why in table(page, "What happened to the rules")[0]
    page.context.close()


def test_a_province_reader_chooses_among_his_own_units_only(site: Site) -> None:
    page = site.page("analyst-33", "analyst", "zh")
    assert [s.title for s in chart_states(page) if s.error or s.empty] == []
    page.locator("div[data-test='NATIVE_FILTER-city']").click()
    page.wait_for_selector(".ant-select-item-option")
    assert set(page.locator(".ant-select-item-option").all_inner_texts()) == {"杭州市", "宁波市"}
    page.context.close()
