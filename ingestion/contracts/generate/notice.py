"""The sentence that every generated file begins with."""

NOTICE = "Generated from ingestion/contracts by `safehold contracts generate`; change the models, not this file."
