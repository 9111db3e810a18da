"""Law: what is once shipped keeps its id, so that bookmarks, users' own dashboards and permissions stay."""

from __future__ import annotations

from pathlib import Path

from dashboards.bundle import Sources, bundle_files

LIST = Path(__file__).with_name("dashboard_ids.txt")


def test_every_object_has_the_id_it_was_shipped_with() -> None:
    """The list has a line an object, in the order of its path. A line is taken out only with its object."""
    files = bundle_files(Sources.load(), Path("/published.duckdb"))
    ids = {path.removesuffix(".yaml"): content["uuid"] for path, content in files.items() if "uuid" in content}
    shipped = dict(line.split() for line in LIST.read_text(encoding="utf-8").splitlines())
    changed = {path for path in shipped.keys() & ids.keys() if shipped[path] != ids[path]}
    assert not changed, f"these would lose their bookmarks: {sorted(changed)}"
    gone = sorted(shipped.keys() - ids.keys())
    assert not gone, f"renamed or removed; if removed on purpose, take the lines out of {LIST.name}: {gone}"
    new = sorted(f"{path} {ids[path]}" for path in ids.keys() - shipped.keys())
    assert not new, f"add to {LIST.name}:\n" + "\n".join(new)
