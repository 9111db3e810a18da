"""A person's risk over days: a table of what was known when, a monotone fit, its measures, and a card of the model.

``table`` is point-in-time correct, ``fit`` and ``measures`` are pure NumPy and SciPy, ``report`` writes the
model card; ``job`` reads the lake with Spark. A fitted scorecard is deployed in shadow like a rule.
"""
