"""Upkeep of the lake with Spark: compaction, and counting whether anything was lost."""
