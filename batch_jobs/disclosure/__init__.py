"""Which numbers may be published so that no small count can be worked out from the others.

The core is pure: :mod:`cells` says what a set of linked tables is, :mod:`suppression` chooses what to withhold,
:mod:`audit` bounds every withheld cell from everything that is published. :mod:`job` is the thin edge.
"""
