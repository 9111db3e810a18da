"""Reading the rule files, with errors that name file and line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from infra.settings import UserError
from ingestion.contracts import content_id
from streaming_jobs.catalogue.model import Rule

RULES_DIR = Path(__file__).resolve().parents[1] / "rules"


class RuleError(UserError):
    """A rule file cannot be used."""


@dataclass(frozen=True)
class Catalogue:
    """The rules in force, ordered by id."""

    rules: tuple[Rule, ...]

    @cached_property
    def version(self) -> str:
        """Twelve hex digits that change with any rule."""
        return content_id(*(rule.model_dump_json(by_alias=True) for rule in self.rules))[:12]

    def __getitem__(self, rule_id: str) -> Rule:
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        known = ", ".join(rule.id for rule in self.rules)
        raise RuleError(f"no rule {rule_id!r}", where="the catalogue", do=f"use one of: {known}")

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)


def _line_of(node: yaml.Node | None, loc: tuple[Any, ...]) -> int:
    """Line (1-based) of the deepest existing part of ``loc`` in a composed YAML document."""
    line = 1
    for part in loc:
        if node is None:
            break
        line = node.start_mark.line + 1
        nxt: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(part):
                    line, nxt = key.start_mark.line + 1, value
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            nxt = node.value[part]
            line = nxt.start_mark.line + 1
        node = nxt
    return line


def read_yaml(path: Path) -> tuple[Any, yaml.Node | None]:
    """Data and node tree of a YAML file.

    Raises:
        RuleError: the file is not there, not UTF-8 or not YAML.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return yaml.safe_load(text), yaml.compose(text)
    except OSError as error:
        raise RuleError(f"cannot read the file: {error.strerror}", where=str(path), do="check the path") from error
    except UnicodeDecodeError as error:
        raise RuleError("the file is not UTF-8", where=f"{path}, byte {error.start}", do="save it as UTF-8") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        raise RuleError(f"not YAML: {getattr(error, 'problem', error)}", where=where, do="mend the syntax") from error


def load_rule(path: Path) -> Rule:
    """One rule file.

    Raises:
        RuleError: with file, line and field of the first fault.
    """
    data, node = read_yaml(path)
    try:
        rule = Rule.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the rule"
        raise RuleError(
            f"{field}: {first['msg'].removeprefix('Value error, ')}",
            where=f"{path}:{_line_of(node, first['loc'])}",
            do="see streaming_jobs/catalogue/model.py for the fields of a rule",
        ) from error
    if rule.id != path.stem:
        raise RuleError(
            f"the id is {rule.id!r} but the file is named {path.stem!r}",
            where=f"{path}:{_line_of(node, ('id',))}",
            do="name the file after the id",
        )
    return rule


def load_catalogue(directory: Path = RULES_DIR) -> Catalogue:
    """All rules below a folder.

    Raises:
        RuleError: a faulty file, or two files with the same id or title.
    """
    rules: dict[str, tuple[Rule, Path]] = {}
    titles: dict[str, Path] = {}
    for path in sorted(directory.rglob("*.yaml")):
        if path.name.endswith(".cases.yaml"):
            continue
        rule = load_rule(path)
        for known, other in ((rules.get(rule.id, (None, None))[1], "id"), (titles.get(rule.title.en), "title")):
            if known is not None:
                raise RuleError(
                    f"two rules have the same {other}", where=f"{known} and {path}", do=f"give each its own {other}"
                )
        rules[rule.id], titles[rule.title.en] = (rule, path), path
    return Catalogue(tuple(rules[key][0] for key in sorted(rules)))
