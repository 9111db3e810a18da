"""Trend reports of a unit and month (PDF, accessible HTML, xlsx), written from the published tables alone.

`report.yaml` says what a report holds, `phrases.yaml` how findings are worded, `definitions.yaml` what the
figures mean in Chinese (English comes from the publication models). Nothing here knows a metric by name.
"""
