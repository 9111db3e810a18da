"""The keyed operator that runs the fold: one state per record key.

The fold is an object while the worker lives. In Flink's state lie its bytes as of the last second it
decided, and the records that came since: with five batches a second, four of which decide nothing,
that writes a fifth of what writing the bytes after each batch does.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pyflink.common import Row, Types
from pyflink.datastream import KeyedProcessFunction, RuntimeContext
from pyflink.datastream.state import ListStateDescriptor, ValueStateDescriptor

from streaming_jobs.fold.codec import decode_state, encode_state
from streaming_jobs.fold.envelope import Received, key_of, open_envelope
from streaming_jobs.fold.facility import FacilityFold, FoldConfig
from streaming_jobs.jobs.rows import OUTPUTS, carry


class FoldFunction(KeyedProcessFunction):
    """Rows (partition, envelopes) of a key in, carrier rows out."""

    def __init__(self, rules: Path, lateness_ms: int, ahead_ms: int, features: bool) -> None:
        self.rules, self.lateness_ms, self.ahead_ms, self.features = rules, lateness_ms, ahead_ms, features

    def open(self, runtime_context: RuntimeContext) -> None:
        self.config = FoldConfig.load(self.lateness_ms, self.ahead_ms, rules=self.rules, features=self.features)
        self.folds: dict[str, FacilityFold] = {}
        self.saved = runtime_context.get_state(ValueStateDescriptor("fold", Types.PICKLED_BYTE_ARRAY()))
        self.since = runtime_context.get_list_state(ListStateDescriptor("since", Types.PICKLED_BYTE_ARRAY()))

    def process_element(self, value: Row, ctx: KeyedProcessFunction.Context) -> Iterator[Row]:
        key = _text(ctx.get_current_key())
        fold = self.folds.get(key) or self._restored(key)
        new = fold.world is None
        out = fold.process(value[0], _records(value[1]))
        if fold.world is not None:  # a facility without a plan has nothing to remember
            self.folds[key] = fold
            if new or out.decided:
                self.saved.update(encode_state(fold))
                self.since.clear()
            else:
                self.since.add(list(value[1]))
        for name in OUTPUTS:
            for row in getattr(out, name):
                yield carry(name, row)

    def _restored(self, key: str) -> FacilityFold:
        saved = self.saved.value()
        if saved is None:
            return FacilityFold(key_of(key), self.config)
        fold = decode_state(saved, self.config)
        for envelopes in self.since.get():
            fold.readmit(_records(envelopes))
        return fold


def _records(envelopes: list[str]) -> list[Received]:
    return sorted((open_envelope(text) for text in envelopes), key=lambda record: record.offset)


def _text(key: Any) -> str:
    return str(key[0]) if isinstance(key, Row) else str(key)
