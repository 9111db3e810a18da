"""Reading the rule files, with errors that name file and line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from infra.settings import UserError, line_of, read_model
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


def load_rule(path: Path) -> Rule:
    """One rule file.

    Raises:
        RuleError: with file, line and field of the first fault.
    """
    do = "see streaming_jobs/catalogue/model.py for the fields of a rule"
    rule, node = read_model(path, Rule, RuleError, whole="the rule", do=do)
    if rule.id != path.stem:
        raise RuleError(
            f"the id is {rule.id!r} but the file is named {path.stem!r}",
            where=f"{path}:{line_of(node, ('id',))}",
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
