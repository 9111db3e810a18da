"""Time until a dashboard has all its charts: `make bench-dashboards`. Ten years of 500 facilities, 30 readers at once.

A browser opens each dashboard once and tells which requests its charts send. Thirty readers then send the same ones,
six at a time each as a browser does: first with an empty cache (cold), then again (warm). A load is done when its last
chart is answered; drawing is not in it. The rows are the tests' ones, copied to the size; no real person is in them.
"""

from __future__ import annotations

import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import requests
from playwright.sync_api import Request

from dashboards.access import load_access
from dashboards.bundle import slug
from dashboards.deploy import clear_cache
from dashboards.pictures import log_in, open_browser, wait_for_charts
from dashboards.published import published_tables
from dashboards.spec import Dashboard, load_dashboards
from infra.local.dashboards import deploy_dashboards, logins
from infra.local.superset import Superset
from infra.settings import Settings
from tests.support.instance import instance
from tests.support.published import write_published

READERS = 30
AT_ONCE = 6
"""Requests that a browser has open to one host."""
PROVINCES = 34
"""As many as there are; the tests' rows have two."""
COPIES = 4
"""Of the four facilities of each province, in cities of their own: 544 facilities."""
SPANS = 5
"""Of the tests' 25 months."""


def write_large(small: Path, large: Path) -> int:
    """Copies the tests' rows to many provinces, cities and years; returns the rows written.

    A copy's units have codes of their own, in the form of the others; the nation's rows are copied over time only, a
    province's not within itself.
    """
    rows = 0
    with duckdb.connect(str(large)) as db:
        db.execute(f"attach '{small}' as small (read_only)")
        db.execute("create schema publication")
        for table in published_tables().values():
            moved = {}
            for code in ("unit", "province", "city", "facility"):
                province = f"10 + 2 * p + cast({code}[1:2] = '44' as integer)"
                city = f"case when len({code}) > 2 then printf('%02d', {code}[3:4]::int + 20 * c) else '' end"
                moved[code] = (
                    f"case tier when 'nation' then {code} else ({province}) || {city} || {code}[5:] end as {code}"
                )
            for name in [n for n in table.columns if n.endswith(("_name_zh", "_name_en"))]:
                within = (
                    "" if name.startswith("province") else " || case tier when 'province' then '' else '.' || c end"
                )
                moved[name] = f"case tier when 'nation' then {name} else {name} || ' ' || p{within} end as {name}"
            if "month" in table.columns:
                moved["month"] = "cast(month - to_months(cast(25 * s as integer)) as date) as month"
            columns = ", ".join(moved.get(name, name) for name in table.columns)
            spans = SPANS if "month" in table.columns else 1
            db.execute(
                f"create table publication.{table.name} as select {columns} from small.publication.{table.name},"
                f" range({PROVINCES // 2}) as one(p), range({COPIES}) as two(c), range({spans}) as three(s)"
                " where (tier <> 'nation' or p = 0) and (tier not in ('nation', 'province') or c = 0)"
            )
            found = db.execute(f"select count(*) from publication.{table.name}").fetchone()
            rows += found[0] if found else 0
    return rows


class Page(NamedTuple):
    """What a dashboard's charts ask (address and body), and what the reader's browser says of him in each request."""

    asked: list[tuple[str, str]]
    headers: dict[str, str]


def pages(settings: Settings, dashboards: tuple[Dashboard, ...]) -> dict[str, Page]:
    """The pages as a browser loads them, by slug."""
    found = {}
    address, passwords = Superset().address(settings), logins(settings)
    with open_browser() as browser:
        for dashboard in dashboards:
            user = _reader_of(dashboard)
            context = log_in(browser, address, user, passwords[user])
            page = context.new_page()
            sent: list[Request] = []
            page.on("request", lambda one, sent=sent: sent.append(one) if "/api/v1/chart/data" in one.url else None)
            page.goto(f"{address}/superset/dashboard/{slug(dashboard, 'zh')}/?standalone=1")
            wait_for_charts(page, len(dashboard.charts))
            kept = ("cookie", "x-csrftoken", "content-type", "referer")
            headers = {name: value for name, value in sent[0].all_headers().items() if name in kept}
            found[slug(dashboard, "zh")] = Page([(one.url, one.post_data or "") for one in sent], headers)
            context.close()
    return found


def _reader_of(dashboard: Dashboard) -> str:
    return next(name for name, user in load_access().users.items() if dashboard.audience in user.audiences)


def session(page: Page) -> requests.Session:
    """A browser with the reader's page."""
    made = requests.Session()
    made.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=AT_ONCE))
    made.headers.update(page.headers)
    return made


def load(made: requests.Session, asked: list[tuple[str, str]]) -> float:
    """Seconds until all charts are answered.

    Raises:
        SystemExit: one of them was refused.
    """
    began = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda one: made.post(one[0], data=one[1].encode(), timeout=300), asked))
    if bad := [answer for answer in answers if answer.status_code != 200]:
        sys.exit(f"{bad[0].status_code}: {bad[0].text[:300]}")
    return time.perf_counter() - began


def main() -> None:
    """Print p50 and p95 of each dashboard, cold and warm, alone and with all readers at once."""
    dashboards = load_dashboards()
    with tempfile.TemporaryDirectory() as home, instance(Path(home), ("superset",)) as settings:
        small = Path(home) / "small.duckdb"
        write_published(small)
        settings.published_db.parent.mkdir(parents=True, exist_ok=True)
        rows = write_large(small, settings.published_db)
        print(f"{rows:,} published rows, {settings.published_db.stat().st_size / 1e6:,.0f} MB")
        deploy_dashboards(settings)
        loaded = pages(settings, dashboards)
        head = ("one, cold", "one, warm", "cold p50", "p95", "warm p50", "p95")
        print(f"{'dashboard':<20}{'charts':>7}" + "".join(f"{name:>11}" for name in head))
        for dashboard in dashboards:
            name = slug(dashboard, "zh")
            page = loaded[name]
            readers = [session(page) for _ in range(READERS)]
            line = f"{name:<20}{len(dashboard.charts):>7}"
            clear_cache(settings.superset)
            line += "".join(f"{load(readers[0], page.asked):>11.2f}" for _ in ("cold", "warm"))
            clear_cache(settings.superset)
            for _ in ("cold", "warm"):
                with ThreadPoolExecutor(READERS) as pool:
                    taken = list(pool.map(lambda made: load(made, page.asked), readers))  # noqa: B023
                line += "".join(f"{seconds:>11.2f}" for seconds in np.percentile(taken, [50, 95]))
            print(line, flush=True)


if __name__ == "__main__":
    main()
