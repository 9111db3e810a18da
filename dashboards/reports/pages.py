"""A report's pages: accessible HTML that asks for nothing outside itself, and from it the PDF."""

from __future__ import annotations

import base64
import logging
from datetime import datetime
from functools import cache

import jinja2

from dashboards.reports.content import Content
from dashboards.reports.spec import FOLDER
from infra.settings import SafeholdError


@cache
def _template() -> jinja2.Template:
    loader = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    return loader.get_template("page.html.j2")


def _data_uri(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def html_page(content: Content, made_at: datetime) -> str:
    """The report as one HTML file. `made_at` is when the figures were built: the page knows no other time."""
    return _template().render(
        content=content,
        voice=content.voice,
        zh=content.voice.language == "zh",
        style=(FOLDER / "page.css").read_text(encoding="utf-8"),
        data_uri=_data_uri,
        made_at=f"{made_at:%Y-%m-%dT%H:%M:%SZ}",
    )


def pdf_file(page: str, fingerprint: str) -> bytes:
    """The page as tagged PDF (PDF/UA-1); the same page gives the same bytes on the same installation.

    Raises:
        SafeholdError: the machine lacks Pango.
    """
    try:
        import weasyprint
        from weasyprint.urls import URLFetcher
    except OSError as error:
        raise SafeholdError(
            f"there is no Pango to lay out a PDF: {error}", do="install it (Debian: apt install libpangoft2-1.0-0)"
        ) from error

    logging.getLogger("weasyprint").setLevel(logging.ERROR)  # it warns of screen-only CSS
    made: bytes = weasyprint.HTML(
        string=page, url_fetcher=URLFetcher(allowed_protocols=("data",), fail_on_errors=True)
    ).write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=fingerprint.encode())
    return made
