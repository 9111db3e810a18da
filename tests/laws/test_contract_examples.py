"""Laws over all contracts: examples pass and fail as they say, for pydantic and for the hot path alike."""

from __future__ import annotations

import json
import math
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from ingestion.contracts import DERIVED, EVENTS, REGISTERS
from ingestion.contracts.examples import Failing, examples_of
from ingestion.contracts.reading import faults_of, read_event, read_record
from ingestion.contracts.schemas import event_decoder

ALL = [*EVENTS, *REGISTERS, *DERIVED]
FAILING = [pytest.param(name, fail, id=f"{name}: {fail.reason}") for name in ALL for fail in examples_of(name).failing]
DECODER = event_decoder(EVENTS.values())


@pytest.mark.parametrize("name", ALL)
def test_every_contract_has_two_examples_that_pass_and_four_that_must_fail(name: str) -> None:
    examples = examples_of(name)
    assert len(examples.passing) >= 2
    assert len(examples.failing) >= 4
    assert len({fail.reason for fail in examples.failing}) == len(examples.failing)


@pytest.mark.parametrize("name", ALL)
def test_examples_that_pass_do(name: str) -> None:
    for record in examples_of(name).passing:
        text = json.dumps(record)
        assert faults_of(name, text) == []
        assert read_record(name, text).model_dump(mode="json").items() >= _as_floats(record).items()


def _as_floats(record: dict[str, Any]) -> dict[str, Any]:
    """The record's top-level plain values; nested defaults and normalised times are not compared here."""
    return {
        key: value
        for key, value in record.items()
        if not isinstance(value, list | dict) and key not in ("known_from", "happened")
    }


@pytest.mark.parametrize(("name", "fail"), FAILING)
def test_examples_that_must_fail_do_and_the_error_names_the_field(name: str, fail: Failing) -> None:
    faults = faults_of(name, json.dumps(fail.record))
    assert any(fail.field in fault.field.split(".") for fault in faults), faults


@pytest.mark.parametrize("name", EVENTS)
def test_the_hot_path_accepts_the_passing_examples_with_the_same_values(name: str) -> None:
    for record in examples_of(name).passing:
        assert_same_verdict(json.dumps(record).encode())


@pytest.mark.parametrize(("name", "fail"), [case for case in FAILING if case.values[0] in EVENTS])
def test_the_hot_path_refuses_the_failing_examples_and_names_the_field(name: str, fail: Failing) -> None:
    with pytest.raises(msgspec.ValidationError) as error:
        DECODER.decode(json.dumps(fail.record).encode())
    assert fail.field in str(error.value)


def assert_same_verdict(data: bytes) -> bool:
    """Pydantic and msgspec agree on a record: both refuse it, or both read the same values from it."""
    try:
        cold: Any = read_event(data).model_dump(mode="python")
    except ValidationError:
        cold = None
    try:
        hot: Any = DECODER.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        hot = None
    assert (cold is None) == (hot is None), f"pydantic {cold}, msgspec {hot}, on {data!r}"
    if cold is not None:
        assert _plain(msgspec.to_builtins(hot)) == _plain(cold), data
    return cold is not None


def _plain(value: Any) -> Any:
    """Tuples as lists, everything else as it is with its type, so that 1 and 1.0 and True differ."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return type(value).__name__, value


# -- mutations -------------------------------------------------------------------------------------

PASSING = [record for name in EVENTS for record in examples_of(name).passing]

STRANGE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.sampled_from([0, 1, -1, 2**31, 2**53 + 1, 2**63 - 1, 2**63, 2**64, 631_152_000_000, 4_102_444_800_000]),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([1.0, -0.0, 1e300, 1719792000000.0, 0.5]),
    st.text(max_size=70),
    st.sampled_from(
        ["", "video", "detainee", "330101\n", " 330101", "33０101", "x" * 64, "x" * 65, "所" * 64, "😀" * 64]
    ),
    st.sampled_from(["21:30", "２１:３０", "21:30\n", "24:00", "none", "camera", "null", "true", "1", "1.0"]),
    st.lists(st.one_of(st.integers(-3, 3), st.text(max_size=3), st.none(), st.floats()), max_size=10),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


def places_of(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths of everything inside a record, the record itself excluded."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path for key, item in items for path in [(*at, key), *places_of(item, (*at, key))]]


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """A passing example with one to three things replaced, dropped, doubled or added, at any depth."""
    record: dict[str, Any] = json.loads(json.dumps(draw(st.sampled_from(PASSING))))
    for _ in range(draw(st.integers(1, 3))):
        places = places_of(record)
        if not places:
            break
        *path, last = draw(st.sampled_from(places))
        parent: Any = record
        for key in path:
            parent = parent[key]
        match draw(st.sampled_from(["replace", "replace", "replace", "drop", "double", "add", "as float"])):
            case "replace":
                parent[last] = draw(STRANGE)
            case "drop":
                del parent[last]
            case "double" if isinstance(parent, list):
                parent.append(parent[last])
            case "add" if isinstance(parent, dict):
                parent[draw(st.sampled_from(["face", "extra", "Type", "type ", ""]))] = draw(STRANGE)
            case "as float" if isinstance(parent[last], int):
                parent[last] = float(parent[last])
            case _:
                pass
    return record


@settings(max_examples=700, deadline=None)
@given(mutated())
def test_the_two_readers_agree_on_any_mutation_of_an_example(record: dict[str, Any]) -> None:
    # NaN and Infinity are written as the tokens NaN and Infinity, which are not JSON.
    assert_same_verdict(json.dumps(record).encode())
    assert_same_verdict(json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass"))


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(PASSING), st.data())
def test_the_two_readers_agree_on_broken_bytes(record: dict[str, Any], data: st.DataObject) -> None:
    text = json.dumps(record, ensure_ascii=False).encode()
    at = data.draw(st.integers(0, len(text) - 1))
    broken = data.draw(
        st.sampled_from(
            [text[:at], text[:at] + bytes([data.draw(st.integers(0, 255))]) + text[at + 1 :], text + text[at:]]
        )
    )
    # A byte changed inside a name may give two fields one name, see the law on duplicates below.
    if not _has_duplicates(broken):
        assert_same_verdict(broken)


def _has_duplicates(text: bytes) -> bool:
    found = False

    def look(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal found
        found = found or len({key for key, _ in pairs}) != len(pairs)
        return dict(pairs)

    try:
        json.loads(text.decode(), object_pairs_hook=look)
    except ValueError:
        return False
    return found


TOKENS = "NaN Infinity -Infinity 1e400 -1e400 01 1. .5 +1 0x10 1_000 true True null None '1' 1e3 1.0 -0 -0.0 5e-324"


@pytest.mark.parametrize("token", TOKENS.split())
@pytest.mark.parametrize("field", ["event_time", "x", "confidence"])
def test_the_two_readers_agree_on_every_way_to_write_a_number(field: str, token: str) -> None:
    detection = '{"track":"t1","zone":"z","x":1,"y":2,"confidence":1}'
    text = f'{{"type":"video","facility":"f","event_time":1719792000000,"device":"d","detections":[{detection}]}}'
    before, _, after = text.partition(f'"{field}":')
    rest = after.lstrip("0123456789")
    assert_same_verdict(f'{before}"{field}":{token}{rest}'.encode())


@pytest.mark.parametrize("digits", [19, 20, 40, 400, 5000])
def test_the_two_readers_agree_on_huge_numbers(digits: int) -> None:
    for record in PASSING:
        for field in record:
            text = json.dumps(record | {field: 0}).replace(f'"{field}": 0', f'"{field}": ' + "9" * digits)
            assert not assert_same_verdict(text.encode()), field


@pytest.mark.parametrize("facility", ["330101\n", "330101\r", " 330101", "３３０１０１", "330101\u2028", "", "x" * 65])
def test_an_id_with_something_unseen_in_it_is_refused_by_both(facility: str) -> None:
    assert not assert_same_verdict(json.dumps(PASSING[0] | {"facility": facility}).encode())


def test_a_byte_order_mark_a_second_value_and_an_empty_record_are_refused_by_both() -> None:
    good = json.dumps(PASSING[0]).encode()
    for data in (b"\xef\xbb\xbf" + good, good + good, b"", b"null", b"[]", b"[" + good + b"]", good + b","):
        assert not assert_same_verdict(data)
    assert assert_same_verdict(b" \r\n\t" + good + b"\n")


def test_of_two_fields_with_one_name_the_last_counts_and_the_hot_path_is_never_the_milder_reader() -> None:
    start = '{"type":"access","facility":"f","device":"d","door":"a","zone":"z","action":"open",'
    both = (start + '"event_time":1719792000000,"event_time":1719792000001}').encode()
    assert assert_same_verdict(both)
    assert DECODER.decode(both).event_time == 1719792000001
    assert not assert_same_verdict((start + '"event_time":1719792000000,"event_time":"x"}').encode())
    # Only here the two differ: msgspec checks the first value as well, so it refuses what pydantic overlooks.
    first_is_bad = (start + '"event_time":"x","event_time":1719792000000}').encode()
    with pytest.raises(msgspec.ValidationError):
        DECODER.decode(first_is_bad)
    assert read_event(first_is_bad).event_time == 1719792000000


def test_no_float_of_an_event_can_be_infinite_or_not_a_number() -> None:
    for record in PASSING:
        for path in places_of(record):
            for value in (math.nan, math.inf):
                changed = json.loads(json.dumps(record))
                parent = changed
                for key in path[:-1]:
                    parent = parent[key]
                parent[path[-1]] = value
                assert not assert_same_verdict(json.dumps(changed).encode())
