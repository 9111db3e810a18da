"""Charts of a report as SVG: units on the axes, told apart without colour, the same bytes every time.

Series differ in dash and marker, stacked parts in hatching, so that a grey print reads like a coloured one. Colours
are those of the dashboards (Okabe and Ito's palette). A withheld number is a cross on the axis, never a zero.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.transforms import Affine2D

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9", "#7A7A7A")
GREY = "#5A5A5A"
_DASHES = ("-", "--", "-.", ":")
_MARKERS = ("o", "s", "^", "D")
_HATCHES = ("", "///", "..", "xx", "\\\\\\", "++", "--")
_SIZE = (6.9, 2.75)  # inches; the width of the page's text
_LOOK: Any = {
    # matplotlib knows only the first face of a font collection; a viewer takes the first name it has.
    "font.family": ["Noto Sans CJK SC", "Noto Sans CJK JP", "DejaVu Sans"],
    "font.size": 8.5,
    "axes.edgecolor": GREY,
    "axes.labelcolor": "#222222",
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "hatch.linewidth": 0.6,
    "svg.fonttype": "none",  # text stays text: it can be searched, and a page is a third of the size
    "svg.hashsalt": "safehold",  # ids would differ from run to run
}


@dataclass(frozen=True, slots=True)
class Series:
    """One line, or one part of a stack: a value a month, None where there is none."""

    label: str
    values: Sequence[float | None]
    colour: str
    withheld: Sequence[bool]


@dataclass(frozen=True, slots=True)
class Band:
    """Interval around the first series."""

    label: str
    low: Sequence[float | None]
    high: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Funnel:
    """Units by population and rate, with the limits of chance around the rate of all together."""

    names: Sequence[str]
    exposures: Sequence[float]
    rates: Sequence[float]
    beyond: Sequence[bool]
    overall: float
    grid: Sequence[float]
    one_unit: Sequence[tuple[float, float]]
    all_units: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Words:
    """What stands on a chart."""

    axis: str
    withheld: str
    month: Callable[[date], str]


def _filled(values: Sequence[float | None]) -> npt.NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def _svg(draw: Callable[[Axes], None], height: float = _SIZE[1]) -> str:
    with matplotlib.rc_context(_LOOK):
        figure = Figure(figsize=(_SIZE[0], height), layout="constrained")
        draw(figure.subplots())
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return out.getvalue()


def _frame(axes: Axes, words: Words, months: Sequence[date]) -> None:
    step = max(1, round(len(months) / 8))
    ticks = list(range(len(months) - 1, -1, -step))[::-1]  # the report's own month always has its name
    axes.set_xticks(ticks, [words.month(months[i]) for i in ticks])
    axes.set_xlim(-0.6, len(months) - 0.4)
    axes.set_ylabel(words.axis)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, min_n_ticks=3))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    axes.grid(axis="y", color="#DDDDDD", linewidth=0.6)
    axes.set_axisbelow(True)


def _whole(axes: Axes, series: Sequence[Series]) -> None:
    """Counts have whole ticks."""
    if all(value is None or float(value).is_integer() for one in series for value in one.values):
        axes.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1))


def _crosses(axes: Axes, series: Sequence[Series], words: Words) -> list[Artist]:
    places = sorted({i for one in series for i, hidden in enumerate(one.withheld) if hidden})
    if not places:
        return []
    look: Any = {"markerfacecolor": "white", "markeredgecolor": "black", "markersize": 7, "clip_on": False, "zorder": 5}
    return [*axes.plot(places, [0] * len(places), "X", linestyle="", label=words.withheld, **look)]


def _legend(axes: Axes, columns: int = 4) -> None:
    handles, labels = axes.get_legend_handles_labels()
    shown = [(h, text) for h, text in zip(handles, labels, strict=True) if not text.startswith("_")]
    if len(shown) > 1:
        axes.legend(
            *zip(*shown, strict=True),
            loc="lower left",
            bbox_to_anchor=(0, 1),
            ncols=columns,
            frameon=False,
            handlelength=3,
        )


def lines(months: Sequence[date], series: Sequence[Series], words: Words, band: Band | None, top: float | None) -> str:
    """Lines over months, the first with its band."""

    def draw(axes: Axes) -> None:
        _frame(axes, words, months)
        _whole(axes, series)
        x = np.arange(len(months))
        if band is not None:
            low, high = _filled(band.low), _filled(band.high)
            axes.fill_between(x, low, high, color=series[0].colour, alpha=0.18, linewidth=0, label=band.label)
            for edge in (low, high):
                axes.plot(x, edge, color=series[0].colour, linewidth=0.6)
        for i, one in enumerate(series):
            dash, marker = _DASHES[i % len(_DASHES)], _MARKERS[i % len(_MARKERS)]
            axes.plot(x, _filled(one.values), dash, marker=marker, markersize=3, color=one.colour, label=one.label)
        axes.set_ylim(0, top)
        _crosses(axes, series, words)
        _legend(axes)

    return _svg(draw)


def _look(number: int, part: Series) -> dict[str, Any]:
    hatch = _HATCHES[number % len(_HATCHES)]
    return {"facecolor": part.colour, "hatch": hatch, "edgecolor": "white", "linewidth": 0.5}


def stacked(months: Sequence[date], series: Sequence[Series], words: Words) -> str:
    """Stacked bars over months."""

    def draw(axes: Axes) -> None:
        _frame(axes, words, months)
        _whole(axes, series)
        bottom = np.zeros(len(months))
        for i, one in enumerate(series):
            heights = np.nan_to_num(_filled(one.values))
            bars = [
                Path.unit_rectangle().transformed(Affine2D().scale(0.72, h).translate(x - 0.36, y))
                for x, (y, h) in enumerate(zip(bottom, heights, strict=True))
                if h > 0
            ]
            if bars:
                # One path a series: a hatch costs as much for one bar as for all.
                axes.add_patch(PathPatch(Path.make_compound_path(*bars), **_look(i, one)))
            bottom += heights
        axes.set_ylim(0, max(1.0, float(bottom.max(initial=0)) * 1.05))
        handles: list[Artist] = [Patch(label=one.label, **_look(i, one)) for i, one in enumerate(series)]
        handles += _crosses(axes, series, words)
        axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=4, frameon=False, handlelength=2.2)

    return _svg(draw)


def funnel(funnel: Funnel, words: Words, labels: tuple[str, str, str, str]) -> str:
    """Units' rates against their population. `labels`: x axis, all together, limits of one unit, of all units."""

    def draw(axes: Axes) -> None:
        axes.set_ylabel(words.axis)
        axes.set_xlabel(labels[0])
        axes.grid(color="#DDDDDD", linewidth=0.6)
        axes.set_axisbelow(True)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
        axes.axhline(funnel.overall, color="black", linewidth=1, label=labels[1])
        for limits, dash, label in ((funnel.one_unit, "--", labels[2]), (funnel.all_units, ":", labels[3])):
            for side, text in ((0, label), (1, "_")):
                axes.plot(funnel.grid, [pair[side] for pair in limits], dash, color=GREY, linewidth=1, label=text)
        for name, x, y, beyond in zip(funnel.names, funnel.exposures, funnel.rates, funnel.beyond, strict=True):
            axes.plot(
                x,
                y,
                "D" if beyond else "o",
                color=PALETTE[1] if beyond else PALETTE[0],
                markersize=6 if beyond else 4.5,
            )
            if beyond or len(funnel.names) <= 12:
                axes.annotate(name, (x, y), xytext=(5, 4), textcoords="offset points", fontsize=7.5)
        axes.set_xlim(0, max(funnel.grid))
        axes.set_ylim(0, max(max(funnel.rates), funnel.overall * 2) * 1.15)
        _legend(axes)

    return _svg(draw, height=3.1)
