"""A person's risk as an additive scorecard: data in ``scorecard.yaml``, a pure function here beside it."""

from streaming_jobs.risk.score import Happening, Score, Scorecard, load_scorecard, score

__all__ = ["Happening", "Score", "Scorecard", "load_scorecard", "score"]
