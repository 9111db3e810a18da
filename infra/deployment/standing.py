"""What is in force where, from the rows that the stream job wrote about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow.compute as pc
from pyiceberg.exceptions import NoSuchTableError
from pyiceberg.expressions import And, BooleanExpression, EqualTo, GreaterThanOrEqual
from pyiceberg.table import ALWAYS_TRUE

from infra.settings import Settings, UserError, open_catalog, table_name
from ingestion.contracts import FeatureSecond, RuleStatus, StreamLedger
from streaming_jobs.catalogue import Deployable, Rule, read_definition

DAY_MS = 86_400_000


@dataclass(frozen=True)
class Standing:
    """A version of a rule or scorecard at a facility. ``since`` in ms of event time."""

    facility: str
    rule: str
    version: int
    mode: str
    since: int
    detail: str
    definition: str

    def read(self) -> Deployable:
        """The rule or scorecard itself, in the mode in which it runs."""
        return read_definition(self.definition)

    def read_rule(self) -> Rule:
        """The rule itself.

        Raises:
            UserError: it is a scorecard.
        """
        found = self.read()
        if not isinstance(found, Rule):
            raise UserError(f"{self.rule} is a scorecard", where=self.facility, do="see: safehold risk compare")
        return found


def standings(settings: Settings) -> list[Standing]:
    """The versions that are not retired, ordered by rule, version and facility.

    Raises:
        UserError: the stream job has not seen any facility yet.
    """
    latest: dict[tuple[str, int, str], dict[str, Any]] = {}
    try:
        rows = open_catalog(settings).load_table(table_name(RuleStatus)).scan().to_arrow().to_pylist()
    except NoSuchTableError:
        rows = []
    for row in rows:
        key = (row["rule"], row["rule_version"], row["facility"])
        if key not in latest or latest[key]["number"] < row["number"]:
            latest[key] = row
    if not latest:
        raise UserError(
            "no facility is known: the stream job has not seen a site plan yet",
            where=str(settings.home),
            do="post one, and run the job: safehold run",
        )
    return [
        Standing(facility, rule, version, row["mode"], row["since"], row["detail"], row["definition"])
        for (rule, version, facility), row in sorted(latest.items())
        if row["mode"] != "retired"
    ]


def in_force(standing: Iterable[Standing], rule: str) -> dict[str, Standing]:
    """By facility the version of a rule that is active; where none is, the one that was, or runs in shadow."""
    order = ("shadow", "disabled", "failed", "active")
    chosen: dict[str, Standing] = {}
    for one in standing:
        known = chosen.get(one.facility)
        if one.rule == rule and (known is None or order.index(one.mode) >= order.index(known.mode)):
            chosen[one.facility] = one
    return chosen


@dataclass(frozen=True)
class RuleLine:
    """A version of a rule over all facilities in one mode."""

    rule: str
    version: int
    mode: str
    facilities: int
    alerts_per_hour: float | None
    """Alerts raised in an hour at one facility, over the last 24 hours of event time; None for no time yet."""
    open_alerts: int
    details: tuple[str, ...]


def summary(settings: Settings, alerts: Iterable[dict[str, Any]]) -> list[RuleLine]:
    """One line for each rule, version and mode.

    Args:
        alerts: one mapping an alert, its latest step.
    """
    clocks: dict[str, int] = defaultdict(int)
    ledger = open_catalog(settings).load_table(table_name(StreamLedger))
    for row in ledger.scan(selected_fields=("facility", "clock")).to_arrow().to_pylist():
        clocks[row["facility"]] = max(clocks[row["facility"]], row["clock"])
    groups: dict[tuple[str, int, str], list[Standing]] = defaultdict(list)
    for one in standings(settings):
        groups[one.rule, one.version, one.mode].append(one)
    known = list(alerts)
    lines = []
    for (rule, version, mode), members in groups.items():
        where = {one.facility: max(one.since, clocks[one.facility] - DAY_MS) for one in members}
        mine = [a for a in known if (a["rule"], a["rule_version"]) == (rule, version) and a["facility"] in where]
        if mode in ("active", "shadow"):
            mine = [a for a in mine if a["mode"] == mode]
        hours = sum(clocks[facility] - begin for facility, begin in where.items()) / 3_600_000
        recent = sum(a["raised_at"] >= where[a["facility"]] for a in mine)
        lines.append(
            RuleLine(
                rule,
                version,
                mode,
                len(members),
                recent / hours if hours > 0 else None,
                sum(a["cleared"] is None for a in mine),
                tuple(sorted({one.detail for one in members if one.detail})),
            )
        )
    return lines


def stored_seconds(settings: Settings, count: int, facility: str = "", day: date | None = None) -> list[dict[str, Any]]:
    """The last so many stored features of a day, in order.

    Args:
        facility: the one that has the latest of all where empty.
        day: local day; the facility's last where None.

    Raises:
        UserError: there are none.
    """
    table = open_catalog(settings).load_table(table_name(FeatureSecond))
    chosen: BooleanExpression = EqualTo("facility", facility) if facility else ALWAYS_TRUE
    if day is not None:
        chosen = And(chosen, EqualTo("day", day.isoformat()))
    known = table.scan(row_filter=chosen, selected_fields=("facility", "day", "at")).to_arrow()
    if not known.num_rows:
        about = " ".join(str(part) for part in ("of", facility, day) if part) if facility or day else ""
        raise UserError(
            f"there are no stored features {about}".rstrip(),
            where=table_name(FeatureSecond),
            do="run the job with feature_table = true, or choose a facility and a day that it has seen",
        )
    last = max(known.to_pylist(), key=lambda row: row["at"])
    same = known.filter((pc.field("facility") == last["facility"]) & (pc.field("day") == last["day"]))
    # A replay may have written a second twice: the same place and time are the same features.
    begin = same["at"].unique().sort().to_pylist()[-count:][0]
    wanted = (EqualTo("facility", last["facility"]), EqualTo("day", last["day"].isoformat()))
    rows = {
        row["at"]: row
        for row in table.scan(row_filter=And(*wanted, GreaterThanOrEqual("at", begin))).to_arrow().to_pylist()
    }
    return [rows[at] for at in sorted(rows)]
