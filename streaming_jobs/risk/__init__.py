"""Risk as an additive scorecard of persons and of the facility: data in ``cards/``, pure functions beside it.

``record`` is what is remembered, ``hear`` what is heard, ``score`` the arithmetic, ``words`` what changed;
``person`` and ``facility`` run it beside a facility's stream. The cards' form is in the catalogue.
"""
