"""The rule kernel: pure NumPy on feature matrices. No Flink, no Spark, no clock.

``predicates`` compiles rules of a grain to arrays and evaluates them in three-valued logic;
``timers`` holds, clears and cools down; ``alerts`` turns transitions into alert rows that explain
themselves; ``cases`` runs a rule's cases.
"""
