"""The probe: everything a reader could ask of Superset, and a search of every answer for what is not his.

An answer leaks if it holds the code or name of a unit outside the reader's scope, or counts other rows
than his. What the request itself says does not count: Superset repeats it in its answers.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import requests

from dashboards.access import Unit
from dashboards.bundle import FILTERS

ROWS = "rows"
"""Label of the column that counts rows."""


_ABOVE = re.compile("(province|city)_name_(zh|en)")
"""Columns with the name of the province or city that a row lies in. `unit_name_*` says which unit it counts."""


def _strings(value: object, above: Set[str]) -> Iterator[str]:
    """All strings in a JSON value, keys too, but for the names `above` in a column that says where a row lies."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            if not (isinstance(inner, str) and inner in above and _ABOVE.fullmatch(str(key))):
                yield from _strings(inner, above)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner, above)


_CODE = re.compile(r"(?<![\w.#%/-])\d{4,12}(?![\w.%-])")
_WORDS = 40
"""Longer strings are texts, where two digits say nothing and a name may stand inside another."""


def leaks(text: str, asked: str, visible: Iterable[Unit], every: Iterable[Unit]) -> set[str]:
    """Codes and names in an answer that neither belong to the reader's units nor stand in his request."""

    def words(unit: Unit) -> tuple[str, ...]:
        # The nation's names are words of the pages as well; its code is not.
        return (unit.code,) if unit.tier == "nation" else (unit.code, unit.zh, unit.en)

    seen = set(visible)
    # A row bears the codes of the units above its own, and says their names where it says where it lies: that is no
    # leak. Anywhere else those names are: then the row counts the unit above.
    allowed = {word for unit in seen for word in (*words(unit), unit.province, unit.city) if word}
    hidden = {word for unit in every if unit not in seen for word in words(unit)} - allowed
    hidden = {word for word in hidden if word not in asked}
    codes_above = {code for unit in seen for code in (unit.province, unit.city) if code}
    above = {name for unit in every if unit.code in codes_above for name in (unit.zh, unit.en)}
    try:
        parts = set(_strings(json.loads(text), above))
    except ValueError:
        parts = {text}
    found = parts & hidden
    codes = {word for word in hidden if word.isdigit()}
    for part in parts:
        found |= codes & set(_CODE.findall(part))
        if len(part) > _WORDS:
            for word in sorted(allowed, key=len, reverse=True):
                if not word.isdigit():
                    part = part.replace(word, "")
            found |= {word for word in hidden if not word.isdigit() and word in part}
    return found


@dataclass(frozen=True)
class Ask:
    """One request of a reader."""

    name: str
    method: str
    path: str
    body: Any = None
    table: str = ""
    """The published table it is about; empty if none, or no published one."""
    headers: dict[str, str] = field(default_factory=dict)
    counts: bool = False
    """True if the answer's number of rows is to be the reader's."""
    form: bool = False


@dataclass(frozen=True)
class Leak:
    """What somebody got that is not his."""

    user: str
    ask: Ask
    status: int
    what: str

    def __str__(self) -> str:
        return f"{self.user}: {self.ask.name} of {self.ask.table or self.ask.path} ({self.status}): {self.what}"


@dataclass(frozen=True)
class Reader:
    """Somebody who asks. No user: nobody is logged in."""

    user: str
    session: requests.Session
    visible: Callable[[str], frozenset[Unit]]
    """His units in a table's rows."""
    rows: Callable[[str], int]
    """How many rows of a table are his."""


@dataclass
class Report:
    """What a probe found."""

    asked: Counter[str] = field(default_factory=Counter)
    """Requests by kind."""
    answered: Counter[str] = field(default_factory=Counter)
    """Those of them that were answered with 200."""
    with_rows: Counter[str] = field(default_factory=Counter)
    """Users that were given rows: a probe that nobody answers proves nothing."""
    leaks: list[Leak] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    """Answers that say that the server failed."""

    def add(self, other: Report) -> None:
        """Take over what another probe found."""
        self.asked += other.asked
        self.answered += other.answered
        self.with_rows += other.with_rows
        self.leaks += other.leaks
        self.broken += other.broken


def session(address: str, user: str, password: str) -> requests.Session:
    """A session with the token of the API and the one against forged requests, so that no answer is only about that.

    Without a user: only the latter.
    """
    made = requests.Session()
    page = made.get(f"{address}/login/", timeout=60).text
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page) or re.search(
        r"csrf_token&#34;: &#34;([^&]+)&#34;", page
    )
    assert found is not None, "the log-in page has no token against forged requests"
    made.headers.update({"X-CSRFToken": found.group(1), "Referer": f"{address}/login/"})
    if user:
        body = {"username": user, "password": password, "provider": "db"}
        answer = made.post(f"{address}/api/v1/security/login", json=body, timeout=60)
        assert answer.status_code == 200, f"{user}: {answer.text[:200]}"
        made.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    return made


def page_session(address: str, user: str, password: str) -> requests.Session:
    """A session as a browser has it: the log-in page's cookie, and no token of the API."""
    made = session(address, "", "")
    form = {"username": user, "password": password, "csrf_token": made.headers["X-CSRFToken"]}
    answer = made.post(f"{address}/login/", data=form, allow_redirects=False, timeout=60)
    assert answer.status_code == 302, f"{user}: {answer.text[:200]}"
    assert "login" not in answer.headers["Location"], user
    return made


def probe(address: str, reader: Reader, every: frozenset[Unit], asks: Iterable[Ask]) -> Report:
    """Ask everything as one reader."""
    report = Report()
    for ask in asks:
        kind = {"data": ask.body} if ask.form else {"json": ask.body} if ask.body is not None else {}
        for attempt in range(5):
            answer = reader.session.request(
                ask.method, f"{address}{ask.path}", headers=ask.headers, allow_redirects=False, timeout=120, **kind
            )
            if answer.status_code != 429:
                break
            time.sleep(1 + attempt)
        report.asked[ask.name] += 1
        ok = answer.status_code == 200
        report.answered[ask.name] += ok
        if answer.status_code in (429, 500, 502, 503):
            report.broken.append(f"{reader.user}: {ask.name} {ask.path} {answer.status_code} {answer.text[:200]}")
        text = answer.content.decode("utf-8", "replace")
        asked = f"{ask.path} {json.dumps(ask.body, ensure_ascii=False)}"
        found = leaks(text, asked, reader.visible(ask.table), every)
        report.leaks += [Leak(reader.user, ask, answer.status_code, word) for word in sorted(found)]
        if ask.counts and ok:
            rows = answer.json()["result"][0]["data"]
            number = rows[0][ROWS] if rows else 0
            report.with_rows[reader.user] += bool(number)
            if number != (mine := reader.rows(ask.table)):
                report.leaks.append(Leak(reader.user, ask, 200, f"{number} rows instead of {mine}"))
    return report


def probe_all(address: str, readers: Iterable[tuple[Reader, list[Ask]]], every: frozenset[Unit]) -> Report:
    """Ask as every reader: the first alone, so that the caches hold his answers when the others ask."""
    first, *others = readers
    report = probe(address, first[0], every, first[1])
    with ThreadPoolExecutor(6) as pool:
        for other in pool.map(lambda pair: probe(address, pair[0], every, pair[1]), others):
            report.add(other)
    return report


COUNT = {"label": ROWS, "expressionType": "SQL", "sqlExpression": "COUNT(*)"}


def _sql(expression: str, label: str = "x") -> dict[str, str]:
    return {"label": label, "expressionType": "SQL", "sqlExpression": expression}


LIST_ALL = "(SELECT STRING_AGG(DISTINCT unit, ',') FROM publication.{table})"
INJECTED: dict[str, dict[str, Any]] = {
    "where or": {"extras": {"where": "1 = 1) OR (1 = 1"}},
    "where comment": {"extras": {"where": "1 = 1) OR 1 = 1 --"}},
    "where block comment": {"extras": {"where": "1 = 1 /*"}},
    "having or": {"extras": {"having": "1 = 1) OR (1 = 1"}},
    "where union": {"extras": {"where": "1 = 0) UNION ALL SELECT unit FROM publication.{table} --"}},
    "where subquery": {"extras": {"where": "unit IN (SELECT unit FROM publication.{table})"}},
    "where template": {"extras": {"where": "1 = 1 {{% raw %}}) OR (1 = 1{{% endraw %}}"}},
    "where current user": {"extras": {"where": "'{{{{ current_username() }}}}' = 'admin' OR 1 = 1"}},
    "filter quote": {"filters": [{"col": "province", "op": "IN", "val": ["99", "x') OR ('1' = '1"]}]},
    "filter not null": {"filters": [{"col": "unit", "op": "IS NOT NULL"}]},
    "filter column sql": {"filters": [{"col": _sql("1 = 1) OR (1"), "op": "==", "val": "1"}]},
    "column subquery": {"columns": [_sql(LIST_ALL)]},
    "column template": {"columns": [_sql("'{{{{ dataset(1) }}}}'")]},
    "column file": {"columns": [_sql("(SELECT STRING_AGG(content, '') FROM read_text('/etc/hostname'))")]},
    "column query_table": {"columns": [_sql("(SELECT STRING_AGG(unit, ',') FROM query_table('publication.{table}'))")]},
    "column catalogue": {"columns": [_sql("(SELECT STRING_AGG(unit, ',') FROM published.publication.{table})")]},
    "column upper case": {"columns": [_sql("(SELECT STRING_AGG(unit, ',') FROM PUBLICATION.{table})")]},
    "metric subquery": {"columns": [], "metrics": [_sql(LIST_ALL)]},
    "metric union": {"columns": [], "metrics": [_sql("1) FROM publication.{table} UNION ALL SELECT (unit")]},
    "order subquery": {"orderby": [[_sql(LIST_ALL), True]]},
    "series limit": {"series_columns": ["unit"], "series_limit": 50, "series_limit_metric": COUNT, "metrics": [COUNT]},
    "time range": {"granularity": "month", "time_range": "No filter", "extras": {"time_grain_sqla": "P1Y"}},
    "time offset": {"metrics": [COUNT], "time_offsets": ["1 year ago"], "granularity": "month"},
    "totals": {"columns": [], "metrics": [COUNT], "is_rowcount": True},
    "post processing": {"post_processing": [{"operation": "rank", "options": {"metric": "unit"}}]},
    "applied extras": {"applied_time_extras": {"__time_range": "No filter"}, "url_params": {"province": "44"}},
    "annotation": {"annotation_layers": [{"name": "a", "sourceType": "line", "value": 1, "annotationType": "EVENT"}]},
}


def _filled(value: Any, table: str) -> Any:
    """The value with the table's name in every text that has a place for it."""
    if isinstance(value, str):
        return value.format(table=table) if "{" in value else value
    if isinstance(value, dict):
        return {key: _filled(inner, table) for key, inner in value.items()}
    return [_filled(inner, table) for inner in value] if isinstance(value, list) else value


def _data(name: str, table: str, dataset: int, form: dict[str, Any], query: dict[str, Any], **more: Any) -> Ask:
    counts = more.pop("counts", False)
    body: dict[str, Any] = {"datasource": {"id": dataset, "type": "table"}, "form_data": form, "result_format": "json"}
    body |= {"result_type": "full", "queries": [{"columns": [], "metrics": [], "row_limit": 10000, **query}], **more}
    return Ask(name, "POST", "/api/v1/chart/data", body, table, counts=counts)


def asks_of_table(table: str, dataset: int, chart: int, dashboard: int, columns: list[str]) -> list[Ask]:
    """Every way to ask for a table's rows through a chart of a dashboard, and around it.

    Args:
        columns: all columns of the table.
    """
    form = {"slice_id": chart, "dashboardId": dashboard}
    units = {"columns": ["unit", "unit_name_zh", "unit_name_en"]}

    def data(name: str, query: dict[str, Any], **more: Any) -> Ask:
        return _data(name, table, dataset, more.pop("form", form), query, **more)

    asks = [
        data("count", {"metrics": [COUNT]}, counts=True),
        data("count, forced", {"metrics": [COUNT]}, counts=True, force=True),
        data("all columns", {"columns": columns}),
        data("units", units),
        data("csv", units, result_format="csv"),
        data("xlsx", units, result_format="xlsx"),
        *(data(kind, units, result_type=kind) for kind in ("query", "columns", "results", "post_processed", "samples")),
        data("drill to detail", {}, result_type="drill_detail", form={"dashboardId": dashboard}),
        data("drill to detail of a chart", {}, result_type="drill_detail"),
        data("rows of a dashboard", {"metrics": [COUNT]}, form={"dashboardId": dashboard}, counts=True),
        data("drill by", units | {"metrics": [COUNT]}, form={**form, "slice_id": 0, "chart_id": chart}),
        data("no dashboard", units, form={}),
        data("child of a chart", units, form={**form, "parent_slice_id": chart}),
        Ask("filter values", "GET", f"/api/v1/datasource/table/{dataset}/column/unit/values/", None, table),
        Ask("dataset", "GET", f"/api/v1/dataset/{dataset}", None, table),
        Ask(
            "samples of a dataset",
            "POST",
            f"/datasource/samples?datasource_type=table&datasource_id={dataset}&force=true&dashboard_id={dashboard}",
            {},
            table,
        ),
        Ask("explore", "GET", f"/explore/?slice_id={chart}", None, table),
        Ask("explore api", "GET", f"/api/v1/explore/?slice_id={chart}", None, table),
        Ask("explore a dataset", "GET", f"/api/v1/explore/?datasource_id={dataset}&datasource_type=table", None, table),
        Ask("chart data", "GET", f"/api/v1/chart/{chart}/data/?format=json&type=full&force=true", None, table),
        Ask("chart", "GET", f"/api/v1/chart/{chart}", None, table),
        Ask("thumbnail", "GET", f"/api/v1/chart/{chart}/thumbnail/x/", None, table),
        Ask("screenshot", "GET", f"/api/v1/chart/{chart}/cache_screenshot/", None, table),
        Ask("warm up", "PUT", "/api/v1/chart/warm_up_cache", {"chart_id": chart, "dashboard_id": dashboard}, table),
    ]
    filters = {"type": "NATIVE_FILTER", "dashboardId": dashboard}
    for name in FILTERS:
        asks.append(data("native filter", units, form={**filters, "native_filter_id": f"NATIVE_FILTER-{name}"}))
    viz = {"datasource": f"{dataset}__table", "viz_type": "table", "groupby": ["unit"], "metrics": ["count"], **form}
    for address in ("/superset/explore_json/", "/superset/explore_json/?csv=true", "/superset/explore_json/?samples=1"):
        asks.append(Ask("explore json", "POST", address, {"form_data": json.dumps(viz)}, table, form=True))
    for trick, query in INJECTED.items():
        asks.append(data(f"injected {trick}", units | _filled(query, table)))
    return asks


def _forged(key: str, dashboard: str) -> str:
    """A guest token signed with a key that is not the server's."""

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    claims: dict[str, Any] = {
        "user": {"username": "guest"},
        "resources": [{"type": "dashboard", "id": dashboard}],
        "rls_rules": [],
    }
    claims |= {"iat": time.time() - 5, "exp": time.time() + 600, "aud": "superset", "type": "guest"}
    body = f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(claims)}"
    signed = hmac.new(key.encode(), body.encode(), hashlib.sha256).digest()
    return f"{body}.{base64.urlsafe_b64encode(signed).decode().rstrip('=')}"


def asks_around(dashboards: list[tuple[str, int, str]], dataset: int, chart: int, database: int) -> list[Ask]:
    """Pages and calls that are no chart's: tools, definitions, roles, exports, writing, guests.

    Args:
        dashboards: slug, id and UUID.
    """
    sql = "SELECT unit, unit_name_zh FROM publication.population"
    form = {"datasource": f"{dataset}__table", "viz_type": "table", "groupby": ["unit"]}
    get = [
        *("/api/v1/dataset/", "/api/v1/database/", "/api/v1/chart/", "/api/v1/dashboard/", "/api/v1/query/"),
        *("/api/v1/saved_query/", "/api/v1/report/", "/api/v1/annotation_layer/", "/api/v1/log/", "/api/v1/tag/"),
        *("/api/v1/rowlevelsecurity/", "/api/v1/rowlevelsecurity/1", "/api/v1/security/roles/", "/api/v1/me/roles/"),
        *("/api/v1/security/users/", "/api/v1/security/groups/", "/api/v1/security/roles/search/", "/api/v1/me/"),
        *("/api/v1/assets/export/", "/api/v1/dataset/export/?q=!(1)", "/api/v1/database/export/?q=!(1)"),
        *("/api/v1/dashboard/export/?q=!(1)", "/api/v1/chart/export/?q=!(1)", "/api/v1/saved_query/export/?q=!(1)"),
        *(f"/api/v1/database/{database}{end}" for end in ("", "/schemas/", "/tables/?q=(schema_name:publication)")),
        f"/api/v1/database/{database}/table_metadata/?name=population&schema=publication",
        f"/api/v1/database/{database}/select_star/population/publication/",
        *("/api/v1/dataset/1/related_objects", "/api/v1/dataset/related/owners", "/api/v1/dataset/distinct/schema"),
        *(
            "/sqllab/",
            "/sqllab/history/",
            "/users/list/",
            "/roles/list/",
            "/rowlevelsecurity/list/",
            "/databaseview/list/",
        ),
        *("/tablemodelview/list/", "/chart/list/", "/dashboard/list/", "/superset/welcome/", "/actionlog/list/"),
        *("/api/v1/menu/", "/api/v1/available_domains/", "/api/v1/advanced_data_type/types", "/swagger/v1"),
        *(
            "/api/v1/explore/?datasource_type=query&datasource_id=1",
            "/superset/profile/",
            "/list_users/",
            "/list_roles/",
        ),
        f"/explore/?form_data={json.dumps(form)}",
        f"/api/v1/cachekey/{'0' * 32}",
    ]
    asks = [Ask("page or list", "GET", path) for path in get]
    for slug, number, unique in dashboards:
        for end in ("", "/charts", "/datasets", "/tabs", "/embedded", "/thumbnail/x/", "/screenshot/x/"):
            asks.append(Ask("dashboard by id", "GET", f"/api/v1/dashboard/{number}{end}"))
        for path in (f"/api/v1/dashboard/{slug}/datasets", f"/superset/dashboard/{slug}/", f"/embedded/{unique}"):
            asks.append(Ask("dashboard by name", "GET", path))
        asks.append(Ask("screenshot", "POST", f"/api/v1/dashboard/{number}/cache_dashboard_screenshot/", {}))
        asks.append(Ask("write dashboard", "PUT", f"/api/v1/dashboard/{number}", {"published": False, "roles": []}))
        asks.append(Ask("embed", "POST", f"/api/v1/dashboard/{number}/embedded", {"allowed_domains": []}))
        asks.append(Ask("copy dashboard", "POST", f"/api/v1/dashboard/{number}/copy/", {"dashboard_title": "x"}))
        asks.append(Ask("delete dashboard", "DELETE", f"/api/v1/dashboard/{number}"))
        resources = [{"type": "dashboard", "id": unique}]
        guest = {"user": {"username": "guest"}, "resources": resources, "rls": []}
        asks.append(Ask("guest token", "POST", "/api/v1/security/guest_token/", guest))
        units = {
            "datasource": {"id": dataset, "type": "table"},
            "form_data": {"slice_id": chart, "dashboardId": number},
        }
        units["queries"] = [{"columns": ["unit", "unit_name_zh"], "metrics": []}]
        for key in ("test-guest-secret-change-me", ""):
            token = {"X-GuestToken": _forged(key, unique)}
            asks.append(Ask("forged guest token", "POST", "/api/v1/chart/data", units, "population", headers=token))
    for kind, number in (("query", 1), ("saved_query", 1), ("table", 0), ("table", 999999), ("sl_table", 1)):
        body = {"datasource": {"id": number, "type": kind}, "queries": [{"columns": ["unit"], "metrics": []}]}
        asks.append(Ask("other kind of source", "POST", "/api/v1/chart/data", body))
    virtual = {"database": database, "schema": "publication", "table_name": "mine", "sql": sql}
    rule = {"name": "mine", "filter_type": "Regular", "clause": "1 = 1", "tables": [dataset], "group_key": "scope"}
    post: list[tuple[str, str, Any]] = [
        ("POST", "/api/v1/sqllab/execute/", {"database_id": database, "sql": sql, "schema": "publication"}),
        ("POST", "/api/v1/sqllab/estimate/", {"database_id": database, "sql": sql}),
        ("POST", "/api/v1/sqllab/format_sql/", {"sql": sql}),
        ("POST", "/api/v1/sqllab/permalink", {"sql": sql, "dbId": database, "name": "x"}),
        ("POST", f"/api/v1/database/{database}/validate_sql/", {"sql": sql, "schema": "publication"}),
        ("POST", "/api/v1/dataset/", virtual),
        ("POST", "/api/v1/dataset/get_or_create/", {**virtual, "database_id": database}),
        ("POST", "/api/v1/dataset/duplicate", {"base_model_id": dataset, "table_name": "mine"}),
        ("PUT", f"/api/v1/dataset/{dataset}", {"sql": sql, "owners": []}),
        ("PUT", f"/api/v1/dataset/{dataset}/refresh", None),
        ("DELETE", f"/api/v1/dataset/{dataset}", None),
        ("POST", "/api/v1/chart/", {"slice_name": "x", "datasource_id": dataset, "datasource_type": "table"}),
        ("PUT", f"/api/v1/chart/{chart}", {"params": "{}"}),
        ("DELETE", f"/api/v1/chart/{chart}", None),
        ("POST", "/api/v1/dashboard/", {"dashboard_title": "x"}),
        ("POST", "/api/v1/rowlevelsecurity/", rule),
        ("PUT", "/api/v1/rowlevelsecurity/1", {"clause": "1 = 1"}),
        ("DELETE", "/api/v1/rowlevelsecurity/1", None),
        ("POST", "/api/v1/security/roles/", {"name": "mine"}),
        ("POST", "/api/v1/security/roles/1/permissions", {"permission_view_menu_ids": [1]}),
        ("PUT", "/api/v1/security/users/1", {"active": False}),
        (
            "POST",
            "/api/v1/explore/form_data",
            {"datasource_id": dataset, "datasource_type": "table", "form_data": "{}"},
        ),
        ("POST", "/api/v1/explore/permalink", {"formData": form}),
        ("POST", "/api/v1/cachekey/invalidate", {"datasource_uids": [f"{dataset}__table"]}),
        ("POST", "/api/v1/css_template/", {"template_name": "x", "css": "x"}),
        ("POST", "/api/v1/report/", {"name": "x"}),
        ("POST", "/api/v1/assets/import/", None),
        ("POST", "/superset/sql_json/", {"sql": sql, "database_id": database}),
    ]
    return asks + [Ask("write or tool", method, path, body) for method, path, body in post]
