"""Risk and custody codes at the command line: explained, replayed, audited, sealed, posted."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from infra import audit
from infra.cli import app
from infra.settings import Settings, UserError, load_settings, open_catalog
from ingestion.contracts import CodeEntry, CustodyCode, ReceivedRecord, RiskScore
from streaming_jobs.fold.envelope import Received
from tests.support.commands import must, safehold
from tests.support.instance import broker_instance  # noqa: F401
from tests.support.lake import fill
from tests.support.scene import FACILITY, T0, camera_state, end, fold_all, in_order, person, quiet, received, site_plan
from tests.support.topic import read_topic
from tests.unit.test_fold import a_fight

STAY = "stay-7"
S = 1000


def demerit(second: int) -> CodeEntry:
    return CodeEntry(
        facility=FACILITY, event_time=T0 + second * S, device="code-desk", entry="e-1", stay=STAY, subject="p-1",
        action="enter", rule="violence_against_staff", happened_at=T0, origin="officer_report", reference="r-1",
        by="o-1",
    )  # fmt: skip


def the_records() -> list[Received]:
    people = [person("p-1", case_class="violent", stay=STAY), person("p-2")]
    life = [*quiet(T0, 60), *a_fight(T0 + 5 * S), demerit(30), camera_state(T0 + 40 * S, "ok")]
    return received([site_plan(), *people, *in_order(life), end(T0 + 90 * S)])


def fill_lake(settings: Settings) -> None:
    records = the_records()
    out = fold_all(records)
    fill(
        settings,
        *(RiskScore(**row) for row in out.risk),
        *(CustodyCode(**row) for row in out.custody_code),
        *(
            ReceivedRecord(
                topic_partition=0, topic_offset=r.offset, received_at=r.received_at, source=r.source,
                record_key=FACILITY.encode(), payload=r.payload,
            )
            for r in records
        ),
    )  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    fill_lake(load_settings(home=home))
    return home


def audited(home: Path) -> list[tuple[str, str, str]]:
    """Who did what to whom, in order; the looks and acts are links of the one chain."""
    assert audit.verify(load_settings(home=home))[1] == []
    rows = open_catalog(load_settings(home=home)).load_table("audit.log").scan().to_arrow().to_pylist()
    return [(row["who"], row["what"], row["target"]) for row in sorted(rows, key=lambda row: row["at"])]


def test_a_score_is_explained_at_a_moment_in_both_languages_replayed_bit_for_bit_and_the_look_is_audited(
    home: Path,
) -> None:
    before = must(home, "risk", "explain", "p-1", "--at", "2026-03-02T12:00:04+08:00", "--by", "o-5")
    assert "18 points: low / 低" in before.out
    now = must(home, "risk", "explain", "p-1", "--by", "o-5", "--replay").out
    assert "48 points: elevated / 较高" in now
    assert "30.00  Fighting / 打斗 (alert.cel-01)" in now
    assert "no score 24 hours ago" in now
    assert "24小时前尚无评分" in now
    assert "not known: " in now
    assert "the same, bit for bit" in now
    assert audited(home).count(("o-5", "risk explain", "p-1")) == 2


def test_facilities_are_ranked_with_their_reasons(home: Path) -> None:
    out = must(home, "risk", "rank").out
    assert out.split()[0] == FACILITY
    assert "The duty roster is not known / 值班安排未上报 4" in out


def test_a_code_is_shown_and_who_looks_is_asked_for(home: Path) -> None:
    out = must(home, "code", "show", STAY, "--by", "o-5").out
    assert f"{STAY}, p-1 at {FACILITY}: yellow" in out
    assert "the ledger proposes red (waits for a named officer): 25 points" in out
    assert "+25 Violence against staff / 暴力对抗管理人员" in out
    assert "+12 Fighting / 打架斗殴" in out
    assert "proposed (alert" in out
    assert safehold(home, "code", "show", STAY).code == 2
    assert ("o-5", "code show", STAY) in audited(home)


def test_an_extract_is_sealed_with_a_key_of_the_instance_that_others_cannot_read_and_verifies(
    home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "extract.txt"
    must(home, "code", "extract", STAY, "--by", "o-4", "--why", "court hearing 12", "--out", file)
    assert audited(home)[-1] == ("o-4", "code extract", STAY)
    key = home / "secrets" / "extract-key.pem"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700
    assert f"genuine: {STAY} at {FACILITY}, yellow, 2 entries" in must(home, "code", "verify", file).out
    assert must(tmp_path / "other", "code", "verify", file, "--key", home / "extract-key.pub.pem").code == 0
    file.write_bytes(file.read_bytes().replace(b'"level": "yellow"', b'"level":  "yellow"', 1))
    refused = safehold(home, "code", "verify", file)
    assert refused.code == 2
    assert "NOT GENUINE" in refused.err
    key.chmod(0o640)
    assert "others may read" in safehold(home, "code", "extract", STAY, "--by", "o", "--why", "x").err
    key.chmod(0o600)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("risk", "explain", "nobody"), "no score of 'nobody'"),
        (("risk", "explain", "p-1", "--at", "2020-01-01T00:00:00+08:00"), "had no score yet"),
        (("risk", "compare"), "no scorecard runs in shadow"),
        (("code", "show", "stay-0", "--by", "o"), "no custody code of stay 'stay-0'"),
        (("code", "extract", STAY, "--by", "o", "--why", " "), "give 1 to 300 characters"),
        (("code", "appeal", STAY, "e-9", "file", "--by", "p-1"), "has no entry 'e-9'"),
        (("code", "appeal", STAY, "e-1", "uphold", "--by", "o-2"), "no appeal against e-1 is open"),
        (("code", "confirm", STAY, "--entry", "e-1", "--by", "o-2"), "no entry 'e-1' waits for an answer"),
        (("code", "set", STAY, "black", "--ground", "health", "--by", "o-2"), "'green', 'yellow' or 'red'"),
        (("code", "set", STAY, "red", "--ground", "religion", "--by", "o-2"), "'ledger'"),
        (("code", "propose", STAY, "--rule", "mood", "--reference", "r", "--happened", "2026-03-02T12:00:00+08:00",
          "--by", "o"), "has no rule 'mood'"),
    ],
    ids=lambda value: " ".join(value[:3]) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_a_user_s_mistake_is_named_with_what_to_do(
    home: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], says: str
) -> None:
    monkeypatch.setenv("SAFEHOLD_HOME", str(home))
    with pytest.raises(UserError) as refused:
        app(list(arguments), standalone_mode=False)
    assert says in str(refused.value)
    assert "do:" in str(refused.value)


@pytest.mark.jvm
def test_what_is_posted_at_the_desk_makes_the_code_red_by_a_named_officer_and_strikes_a_fight_from_a_score(
    broker_instance: Settings,  # noqa: F811
) -> None:
    settings = broker_instance
    fill_lake(settings)
    asked = must(settings.home, "code", "confirm", STAY, "--by", "o-2", "--why", "hearing of 2 March")
    assert "takes effect when the job runs" in asked.out
    must(settings.home, "risk", "correct", "p-1", "--input", "alert.cel-01", "--ground", "wrong_person", "--by", "o-2",
         "--happened", "2026-03-02T12:00:07+08:00")  # fmt: skip
    posted = [Received(0, 2**52, "custody-desk", record.value) for record in read_topic(settings)]
    kinds = [json.loads(one.payload or b"")["type"] for one in posted]
    assert kinds == ["code_decision", "risk_correction"]
    now = max(json.loads(one.payload or b"")["event_time"] for one in posted)
    out = fold_all([*the_records(), *(one._replace(offset=10_000 + n) for n, one in enumerate(posted)),
                    *(one._replace(offset=20_000) for one in received([end(now + 2000)], at=2**52))])  # fmt: skip
    last = [row for row in out.custody_code if row["stay"] == STAY][-1]
    assert (last["level"], last["by"], last["ground"]) == ("red", "o-2", "ledger")
    scored = [row for row in out.risk if row["subject"] == "p-1" and row["grain"] == "person"][-1]
    assert "fighting" not in scored["contributions"]
    assert ("o-2", "code decision confirm", STAY) in audited(settings.home)
