"""A record as the JVM hands it over: one string, a header of five fields and the bytes as Latin-1.

Latin-1 maps each byte to the character of the same number, so that any payload survives a SQL
STRING; the header counts the source's bytes, so that neither part needs escaping.
"""

from __future__ import annotations

from typing import NamedTuple

SQL = """CONCAT(
  CAST(`topic_offset` AS STRING), ',',
  CAST(`received_at` AS STRING), ',',
  COALESCE(CAST(CHAR_LENGTH(DECODE(`headers`['source'], 'ISO-8859-1')) AS STRING), '0'), ',',
  CASE WHEN `payload` IS NULL THEN '-' ELSE '+' END, ';',
  COALESCE(DECODE(`headers`['source'], 'ISO-8859-1'), ''),
  COALESCE(DECODE(`payload`, 'ISO-8859-1'), ''))"""
"""Flink SQL that builds the string."""

KEY_SQL = "CASE WHEN `record_key` IS NULL THEN '-' ELSE '+' || DECODE(`record_key`, 'ISO-8859-1') END"
"""Flink SQL of the key: ``-`` for none, else ``+`` and its bytes as Latin-1."""


class Received(NamedTuple):
    """One record. ``received_at`` in ms; ``payload`` is None for a record without a value."""

    offset: int
    received_at: int
    source: str
    payload: bytes | None


def key_of(text: str) -> bytes | None:
    """The record's key from :data:`KEY_SQL`."""
    return text[1:].encode("latin-1") if text.startswith("+") else None


def open_envelope(envelope: str) -> Received:
    """The record in a string made by :data:`SQL`."""
    head, _, body = envelope.partition(";")
    offset, received_at, length, present = head.split(",")
    cut = int(length)
    source = body[:cut].encode("latin-1").decode("utf-8", errors="replace")
    return Received(int(offset), int(received_at), source, body[cut:].encode("latin-1") if present == "+" else None)
