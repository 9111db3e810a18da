"""What a running Superset holds, as its own export says it, and what people changed in what the code had made."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection
from dataclasses import dataclass

import yaml

from dashboards.archive import DUMPER, LOADER, Content, read_archive, write_archive
from dashboards.client import Client
from infra.settings import SafeholdError

# What Superset's pages write by themselves when somebody who may edit looks at a dashboard.
_BY_LOOKING = ("shared_label_colors", "map_label_colors", "color_scheme_domain")


@dataclass(frozen=True, slots=True)
class Exported:
    """One object: its kind (databases, datasets, charts, dashboards), its file in the export, its content."""

    kind: str
    path: str
    content: Content

    @property
    def title(self) -> str:
        """What people call it."""
        keys = ("dashboard_title", "slice_name", "table_name", "database_name")
        return next(str(self.content[key]) for key in keys if key in self.content)


Export = dict[str, Exported]
"""Objects by UUID."""


def as_export(files: dict[str, Content]) -> Export:
    """Objects of an export's files by UUID."""
    found: Export = {}
    for path, content in files.items():
        if "uuid" not in content:
            continue
        for key in _BY_LOOKING:
            (content.get("metadata") or {}).pop(key, None)
        found[str(content["uuid"])] = Exported(path.partition("/")[0], path, content)
    return found


def read_export(client: Client) -> Export:
    """Everything a running Superset holds, people's own objects too.

    Raises:
        SafeholdError: Superset refused.
    """
    answer = client.request("GET", "/api/v1/assets/export/")
    if answer.status_code != 200:
        raise SafeholdError(f"Superset refused its export ({answer.status_code}): {answer.text[:300]}")
    return as_export(read_archive(answer.content))


def charts_shown(dashboard: Content) -> set[str]:
    """UUIDs of the charts on an exported dashboard."""
    position = dashboard.get("position") or {}
    return {p["meta"]["uuid"] for p in position.values() if isinstance(p, dict) and "uuid" in (p.get("meta") or {})}


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody changed in something that the code had made."""

    uuid: str
    kind: str
    title: str
    changed: tuple[str, ...]
    """Fields; empty if it was removed."""
    by: str = ""

    @property
    def what(self) -> str:
        """What was done, and by whom."""
        return (f"changed {', '.join(self.changed)}" if self.changed else "removed") + (
            f" by {self.by}" if self.by else ""
        )

    def __str__(self) -> str:
        return f"{self.kind.removesuffix('s')} {self.title}: {self.what}"


def find_edits(before: Export, now: Export) -> list[Edit]:
    """Differences of what the last deploy left behind to what is there now; people's own objects do not count."""
    found = []
    for number, left in before.items():
        there = now.get(number)
        if there is None:
            found.append(Edit(number, left.kind, left.title, ()))
            continue
        keys = sorted(left.content.keys() | there.content.keys())
        if changed := tuple(k for k in keys if left.content.get(k) != there.content.get(k)):
            found.append(Edit(number, left.kind, there.title, changed))
    return found


def copy_of_edited(edits: Collection[Edit], now: Export, stamp: str) -> bytes | None:
    """An importable bundle of the edited dashboards, with every chart of theirs; none if nothing is left to keep.

    Dashboards and charts bear ids of their own, so that importing the copy overwrites nothing that the
    code made. A chart that was edited brings the dashboards that show it.
    """
    edited = {edit.uuid for edit in edits if edit.changed}
    boards = {
        number: charts
        for number, item in now.items()
        if item.kind == "dashboards" and ({number} | (charts := charts_shown(item.content))) & edited
    }
    charts = set().union(*boards.values()) | {n for n in edited if now[n].kind == "charts"}
    taken = {n: now[n] for n in [*boards, *sorted(charts & now.keys())]}
    datasets = {item.content["dataset_uuid"] for item in taken.values() if "dataset_uuid" in item.content}
    for item in taken.values():
        for part in (item.content.get("metadata") or {}).get("native_filter_configuration", []):
            datasets |= {target["datasetUuid"] for target in part.get("targets", []) if "datasetUuid" in target}
    datasets |= {n for n in edited if now[n].kind == "datasets"}
    databases = {now[n].content["database_uuid"] for n in datasets if n in now}
    databases |= {n for n in edited if now[n].kind == "databases"}
    if not edited:
        return None
    new = {n: str(uuid.uuid5(uuid.UUID(n), stamp)) for n in taken}
    files: dict[str, Content] = {
        "metadata.yaml": {"version": "1.0.0", "type": "Dashboard" if boards else "assets", "timestamp": stamp}
    }
    for number in [*sorted(databases), *sorted(datasets & now.keys()), *taken]:
        item = now[number]
        # Ids stand in the position, in filters and in charts: replace them wherever they are.
        text = re.sub("|".join(new) or "$^", lambda m: new[m.group()], yaml.dump(item.content, Dumper=DUMPER))
        content = yaml.load(text, Loader=LOADER)
        if item.kind == "dashboards":
            content |= {"dashboard_title": f"{item.title} (edited copy {stamp[:10]})", "slug": None}
        files[item.path] = content
    return write_archive("edited", files)
