"""Bundles of Superset: zip files of YAML below one root folder."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import yaml

# The C reader and writer are ten times faster; not every build of PyYAML has them.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
Content = dict[str, Any]


def read_archive(archive: bytes) -> dict[str, Content]:
    """Files of a bundle or export by path below its root folder."""
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        return {
            name.partition("/")[2]: yaml.load(files.read(name).decode("utf-8"), Loader=LOADER)
            for name in files.namelist()
        }


def write_archive(root: str, files: dict[str, Content]) -> bytes:
    """The zip that Superset imports; equal files give equal bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            text = yaml.dump(content, Dumper=DUMPER, allow_unicode=True, sort_keys=False)
            archive.writestr(zipfile.ZipInfo(f"{root}/{path}"), text)
    return out.getvalue()


@dataclass(frozen=True)
class Bundle:
    """What a deploy imports: its files by path, and the audience of each dashboard by slug."""

    files: dict[str, Content]
    audiences: dict[str, str]

    @cached_property
    def archive(self) -> bytes:
        """The zip file."""
        return write_archive("safehold", self.files)

    @property
    def digest(self) -> str:
        """Tells bundles apart."""
        return hashlib.sha256(self.archive).hexdigest()

    @property
    def ids(self) -> set[str]:
        """UUIDs of all objects."""
        return {str(content["uuid"]) for content in self.files.values() if "uuid" in content}

    @property
    def datasets(self) -> dict[str, str]:
        """UUIDs of the datasets by table name."""
        return {c["table_name"]: str(c["uuid"]) for path, c in self.files.items() if path.startswith("datasets/")}
