"""Everything that follows from the contracts, written as files and checked to be current.

:func:`outputs` computes the text of every generated file from the models alone; the command
`safehold contracts generate` writes them, and `--check` names those that no longer agree.
"""

from ingestion.contracts.generate.files import outputs, stale, write

__all__ = ["outputs", "stale", "write"]
