"""What an exception said, where a fault is noted and the work goes on."""

from __future__ import annotations


def said(error: Exception, length: int = 2000) -> str:
    """Type and message, cut to ``length`` characters."""
    return f"{type(error).__name__}: {error}"[:length]
