"""Numbers as text, digit for digit as the dashboards show them."""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_UP, Decimal

MINUS = "\N{MINUS SIGN}"
_FORMAT = re.compile(r"(?P<group>,?)(?:\.(?P<digits>\d+))?(?P<trim>~?)f")
_D3_DEFAULT_DIGITS = 6


def digits_of(form: str) -> tuple[int, bool]:
    """Decimals of a d3 format of kind `f`, and whether zeros at the end are cut off.

    Raises:
        ValueError: another kind of format.
    """
    found = _FORMAT.fullmatch(form)
    if found is None:
        raise ValueError(f"not a number format of a report: {form!r}; use ,.0f or ,.2f or ,~f")
    return (_D3_DEFAULT_DIGITS if found["digits"] is None else int(found["digits"])), bool(found["trim"])


def _rounded(value: float | Decimal, digits: int) -> Decimal:
    # Decimal of a float: all its binary digits, which is what JavaScript's toFixed rounds.
    return Decimal(value).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def shown(value: float, form: str) -> Decimal:
    """The number as far as the format shows it, so that a difference of two adds up on paper."""
    return _rounded(value, digits_of(form)[0]) if math.isfinite(value) else Decimal(value)


def d3_format(value: float | Decimal, form: str) -> str:
    """The number as d3-format 3 writes it, which draws the dashboards' numbers.

    Python's own formatting differs where a value lies exactly between two: it takes the even digit, JavaScript's
    toFixed the larger. A negative number bears a minus sign (U+2212), unless it rounds to zero.
    """
    digits, trim = digits_of(form)
    rounded = _rounded(value, digits)
    text = f"{abs(rounded):,f}" if form.startswith(",") else f"{abs(rounded):f}"
    if trim and "." in text:
        text = text.rstrip("0").rstrip(".")
    return MINUS + text if rounded < 0 else text


def excel_format(form: str) -> str:
    """The same format in Excel's words."""
    digits, trim = digits_of(form)
    whole = "#,##0" if form.startswith(",") else "0"
    if digits == 0:
        return whole
    return f"{whole}.{('#' if trim else '0') * digits}"
