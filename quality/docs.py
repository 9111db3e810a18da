"""Data docs: what Great Expectations expected and found, one page a suite, readable in a network of one's own.

The pages are Great Expectations' own. Everything that they would fetch from elsewhere is taken out of them: the
machines that read them have no way out, and nobody outside is to learn when an audit ran.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

_FROM_ELSEWHERE = re.compile(
    r"<(?:link|img|source)\b[^>]*https?://[^>]*>|<script\b[^>]*https?://[^>]*>.*?</script>|<a\b[^>]*https?://[^>]*>.*?</a>|url\('https?://[^']*'\)",
    re.DOTALL,
)
_STYLE = (
    "<style>body{font:14px sans-serif;margin:2em}td,th{padding:.3em .8em;text-align:left;vertical-align:top}</style>"
)


def write_docs(folder: Path, results: Mapping[str, Sequence[Any]], run_id: str, at: datetime) -> Path:
    """Write a page for each suite and one that leads to them.

    Args:
        results: suite to the validation results of its checks.

    Returns:
        The page that leads to the others.
    """
    import great_expectations as gx
    from great_expectations.core.expectation_validation_result import ExpectationSuiteValidationResult
    from great_expectations.render.renderer import ValidationResultsPageRenderer
    from great_expectations.render.view import DefaultJinjaPageView

    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for suite, found in results.items():
        passed = sum(bool(result.success) for result in found)
        page = ExpectationSuiteValidationResult(
            success=passed == len(found),
            results=list(found),
            suite_name=suite,
            statistics={
                "evaluated_expectations": len(found),
                "successful_expectations": passed,
                "unsuccessful_expectations": len(found) - passed,
                "success_percent": 100.0 * passed / len(found) if found else 100.0,
            },
            meta={
                "great_expectations_version": gx.__version__,
                "run_id": {"run_name": run_id, "run_time": at.isoformat()},
                "validation_time": at.isoformat(),
                "batch_spec": {},
                "active_batch_definition": {},
            },
        )
        text = DefaultJinjaPageView().render(ValidationResultsPageRenderer().render(page))
        (folder / f"{suite}.html").write_text(_FROM_ELSEWHERE.sub("", text), encoding="utf-8")
        lines.append(f'<tr><td><a href="{suite}.html">{suite}</a></td><td>{passed} / {len(found)}</td></tr>')
    index = folder / "index.html"
    title = f"Audit of {at:%Y-%m-%d %H:%M} UTC, build {html.escape(run_id)}"
    index.write_text(
        f"<!doctype html><meta charset=utf-8><title>{title}</title>{_STYLE}<h1>{title}</h1>"
        f"<table><tr><th>Suite</th><th>Passed</th></tr>{''.join(lines)}</table>\n",
        encoding="utf-8",
    )
    return index
