"""Pictures of the dashboards, taken with a real browser, and what the charts themselves complain about."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from dashboards.spec import Dashboard, Language
from infra.settings import SafeholdError

WIDTH = 1600
CANDIDATES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
READY_TIMEOUT_MS = 90_000
# A chart is drawn when its holder has no loading sign and holds a drawing, a table, a number or a message.
_STATE = """
() => [...document.querySelectorAll('.dashboard-component-chart-holder[class*=dashboard-chart-id]')].map(holder => ({
  title: (holder.querySelector('.header-title, [data-test="editable-title"]') || {}).innerText || '',
  loading: !!holder.querySelector('.loading, [data-test="loading-indicator"], .ant-spin'),
  error: [...holder.querySelectorAll('.ant-alert-error, [data-test="alert"], .error-message, .missing-chart-container')]
    .map(e => e.innerText).join(' '),
  empty: !!holder.querySelector('.ant-empty, .empty-state, [data-test="empty"]'),
  drawn: !!holder.querySelector('canvas, table, svg.chart, .header-line, .superset-legacy-chart-big-number'),
}))
"""


@dataclass(frozen=True, slots=True)
class ChartState:
    """What one chart on a page shows."""

    title: str
    loading: bool
    error: str
    empty: bool
    drawn: bool


def find_browser() -> str:
    """Path of a Chromium: SAFEHOLD_BROWSER, one on the PATH, or the one Playwright brought; empty if none."""
    named = os.environ.get("SAFEHOLD_BROWSER", "")
    if named:
        return named
    for candidate in CANDIDATES:
        if found := shutil.which(candidate):
            return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else ""


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A headless Chromium.

    Raises:
        SafeholdError: none is installed.
    """
    executable = find_browser()
    if not executable:
        raise SafeholdError(
            "there is no browser to take pictures with",
            do="install chromium (Debian: apt install chromium fonts-noto-cjk), or name one in SAFEHOLD_BROWSER",
        )
    with sync_playwright() as playwright:
        # --no-sandbox: Chromium refuses to run as root with it, as in most containers; only our own pages are opened.
        browser = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--force-color-profile=srgb", "--lang=zh-CN"]
        )
        try:
            yield browser
        finally:
            browser.close()


def log_in(browser: Browser, address: str, user: str, password: str) -> BrowserContext:
    """A browser session of the user.

    Raises:
        SafeholdError: the log-in page did not let the user in.
    """
    context = browser.new_context(
        viewport={"width": WIDTH, "height": 1000},
        service_workers="block",  # Superset's only caches files, and a page may hang on it as it closes
    )
    context.set_default_timeout(60_000)
    # The form's own request, without its page: a key pressed before the page is awake would be lost.
    form = context.request.get(f"{address}/login/").text()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
    answer = context.request.post(
        f"{address}/login/",
        form={"username": user, "password": password, "csrf_token": token[1] if token else ""},
        headers={"Referer": f"{address}/login/"},
        max_redirects=0,
    )
    if answer.status != 302 or "/login" in answer.headers.get("location", "/login"):
        raise SafeholdError(f"the log-in page did not let {user} in ({answer.status})", where=f"{address}/login/")
    return context


def chart_states(page: Page) -> list[ChartState]:
    """What every chart on the page shows now."""
    return [ChartState(**state) for state in page.evaluate(_STATE)]


def chart_faults(dashboard: Dashboard, language: Language, states: Sequence[ChartState]) -> list[str]:
    """What the dashboard's charts complain about, and those that show nothing without a reason for it."""
    may_be_empty = {c.title.get(language) for c in dashboard.charts.values() if c.may_be_empty is not None}
    faults = [f"{s.title}: {s.error}" for s in states if s.error]
    empty = [s.title for s in states if s.empty and not s.error]
    return faults + [f"{title}: shows nothing" for title in empty if title not in may_be_empty]


def wait_for_charts(page: Page, expected: int, timeout_ms: int = READY_TIMEOUT_MS) -> list[ChartState]:
    """Wait until `expected` charts are drawn, or say something, and hold still.

    Raises:
        SafeholdError: some are still loading; named.
    """
    waited = 0
    quiet = 0
    states: list[ChartState] = []
    while waited < timeout_ms:
        states = chart_states(page)
        done = len(states) >= expected and all(not s.loading and (s.drawn or s.error or s.empty) for s in states)
        quiet = quiet + 1 if done else 0
        if quiet >= 3:
            return states
        page.wait_for_timeout(300)
        waited += 300
    waiting = [s.title for s in states if s.loading or not (s.drawn or s.error or s.empty)]
    raise SafeholdError(
        f"{len(states)} of {expected} charts appeared; still loading: {', '.join(waiting) or 'none'}", where=page.url
    )


def take_picture(
    context: BrowserContext, address: str, slug: str, language: str, charts: int, out: Path
) -> list[ChartState]:
    """Picture of a whole dashboard, as its reader sees it, into a PNG; returns what its charts show.

    Args:
        slug: last part of the dashboard's address. language: of Superset's own words around it.
        charts: how many charts the dashboard has.

    Raises:
        SafeholdError: charts are still loading at the time limit, or the page called another host.
    """
    context.request.get(f"{address}/lang/{language}", max_redirects=0)
    page = context.new_page()
    strangers: list[str] = []
    host = urlsplit(address).netloc
    page.on(
        "request",
        lambda request: (
            strangers.append(request.url)
            if request.url.startswith("http") and urlsplit(request.url).netloc != host
            else None
        ),
    )
    try:
        # standalone=1 hides Superset's own menu, and keeps the title and the filters.
        page.goto(f"{address}/superset/dashboard/{slug}/?standalone=1")
        states = wait_for_charts(page, charts)
        # The page scrolls inside its own frame: make the window as tall as the content, then wait for redraws.
        height = page.evaluate("() => Math.max(...[...document.querySelectorAll('*')].map(e => e.scrollHeight))")
        page.set_viewport_size({"width": WIDTH, "height": int(height) + 20})
        page.wait_for_timeout(1000)
        states = wait_for_charts(page, charts)
        out.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(out), full_page=True)
    finally:
        page.close()
    if strangers:
        raise SafeholdError(f"the page asked another host: {strangers[0]}", where=slug)
    return states
