"""The keyed operator that runs the fold: one state per record key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyflink.common import Row, Types
from pyflink.datastream import KeyedProcessFunction, RuntimeContext
from pyflink.datastream.state import ValueStateDescriptor

from streaming_jobs.catalogue import load_catalogue, load_code_rules, load_scorecards
from streaming_jobs.fold.codec import decode_state, encode_state
from streaming_jobs.fold.envelope import key_of, open_envelope
from streaming_jobs.fold.facility import FacilityFold, FoldConfig
from streaming_jobs.jobs.rows import OUTPUTS, carry


class Carrier:
    """A fold in Flink's state: an object while the worker lives, bytes of our codec when saved.

    Flink's Python workers pickle a state value once per bundle; ``__reduce__`` makes that pickle
    hold nothing but the codec's bytes.
    """

    def __init__(self, saved: bytes | None = None, fold: FacilityFold | None = None) -> None:
        self._saved, self._fold = saved, fold

    def fold(self, config: FoldConfig) -> FacilityFold:
        if self._fold is None:
            assert self._saved is not None
            self._fold, self._saved = decode_state(self._saved, config), None
        return self._fold

    def __reduce__(self) -> tuple[type[Carrier], tuple[bytes]]:
        if self._fold is None:
            assert self._saved is not None
            return Carrier, (self._saved,)
        return Carrier, (encode_state(self._fold),)


class FoldFunction(KeyedProcessFunction):
    """Rows (partition, envelopes) of a key in, carrier rows out."""

    def __init__(self, lateness_ms: int, ahead_ms: int, features: bool) -> None:
        self.lateness_ms, self.ahead_ms, self.features = lateness_ms, ahead_ms, features

    def open(self, runtime_context: RuntimeContext) -> None:
        self.config = FoldConfig(
            load_catalogue(), load_scorecards(), load_code_rules(), self.lateness_ms, self.ahead_ms, self.features
        )
        self.state = runtime_context.get_state(ValueStateDescriptor("fold", Types.PICKLED_BYTE_ARRAY()))

    def process_element(self, value: Row, ctx: KeyedProcessFunction.Context) -> Iterator[Row]:
        carrier: Carrier | None = self.state.value()
        if carrier is None:
            carrier = Carrier(fold=FacilityFold(key_of(_text(ctx.get_current_key())), self.config))
        fold = carrier.fold(self.config)
        records = sorted((open_envelope(text) for text in value[1]), key=lambda r: r.offset)
        out = fold.process(value[0], records)
        if fold.world is not None:  # a facility without a plan has nothing to remember
            self.state.update(carrier)
        for name in OUTPUTS:
            for row in getattr(out, name):
                yield carry(name, row)


def _text(key: Any) -> str:
    return str(key[0]) if isinstance(key, Row) else str(key)
