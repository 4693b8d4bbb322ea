"""The lines of the cards as SVG, drawn by Vega without a browser; colours are the page's own variables."""

from collections.abc import Iterable, Sequence
from typing import Any

import altair as alt
import vl_convert
from markupsafe import Markup

from daybook.page.facts import Figure, NightCost, Point

WIDTH, HEIGHT = 150, 52


def line(figure: Figure) -> Markup:
    """The last 30 days in the band of what their last four same weekdays had."""
    rows = [_row(point) for point in figure.history]
    x = alt.X("day:T", axis=None)
    scale = alt.Scale(zero=False, nice=False)
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=x)
    band = base.mark_area(color="var(--band)").encode(y=alt.Y("low:Q", axis=None, scale=scale), y2="high:Q")
    drawn = base.mark_line(color="var(--line)", strokeWidth=1.5).encode(y=alt.Y("value:Q", scale=scale))
    last = base.mark_point(color="var(--line)", filled=True, size=28).encode(y="value:Q")
    return _svg(alt.layer(band, drawn, last.transform_filter(f"datum.day == '{figure.history[-1].day}'")))


def nights(found: Sequence[NightCost], jobs: Sequence[str]) -> Markup:
    """The seconds of each night, stacked by job."""
    rows = [
        {"day": str(night.day), "job": job, "seconds": night.seconds[job]} for night in found for job in night.seconds
    ]
    colours = alt.Scale(domain=list(jobs), range=[f"var(--s{n})" for n in range(1, len(jobs) + 1)])
    words: dict[str, Any] = {
        "labelColor": "var(--quiet)",
        "titleColor": "var(--quiet)",
        "domainColor": "var(--rule)",
        "tickColor": "var(--rule)",
    }
    chart = alt.Chart(alt.InlineData(values=rows)).mark_bar(size=9)
    x = alt.X("day:T", axis=alt.Axis(title=None, format="%-d %b", grid=False, tickCount=6, **words))
    y = alt.Y("sum(seconds):Q", axis=alt.Axis(title="seconds", gridColor="var(--rule)", tickCount=4, **words))
    coloured = alt.Color("job:N", scale=colours, legend=None)
    return _svg(chart.encode(x=x, y=y, color=coloured, order=alt.Order("job:N")), 480, 150)


def _row(point: Point) -> dict[str, object]:
    return {"day": str(point.day), "value": point.value, "low": point.low, "high": point.high}


def _svg(chart: alt.Chart | alt.LayerChart | alt.FacetChart, width: int = WIDTH, height: int = HEIGHT) -> Markup:
    """The chart as SVG that says nothing to a screen reader: the sentence around it does."""
    spec = chart.properties(width=width, height=height).configure_view(stroke=None)
    svg = vl_convert.vegalite_to_svg({**spec.to_dict(validate=False), "background": None, "padding": 3})
    return Markup(svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1))


def points(values: Iterable[float | None], width: int = 90, height: int = 18) -> list[str]:
    """The stretches of a small line without a gap, as what an SVG polyline takes."""
    numbers = list(values)
    known = [value for value in numbers if value is not None]
    if not known:
        return []
    low, high = min(known), max(known)
    step, rise = width / max(1, len(numbers) - 1), (height - 2) / ((high - low) or 1)
    stretches: list[list[str]] = [[]]
    for n, value in enumerate(numbers):
        if value is None:
            stretches.append([])
        else:
            stretches[-1].append(f"{n * step:.1f},{height - 1 - (value - low) * rise:.1f}")
    return [" ".join(stretch) for stretch in stretches if stretch]
