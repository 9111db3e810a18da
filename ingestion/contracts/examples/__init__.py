"""Examples of every contract as data: `<name>.yaml`, with records that pass and records that must fail.

A failing example is the first passing one with fields replaced (`with`) or left out (`without`), the
reason why it must fail, and the field that the error has to name.
"""

from ingestion.contracts.examples.load import Examples, Failing, examples_of

__all__ = ["Examples", "Failing", "examples_of"]
