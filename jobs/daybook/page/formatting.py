"""How the page writes days, numbers and shares for a person; each takes None for what is not known."""

from datetime import date, datetime

from daybook.log import size

LONGEST = 300  # characters: a name or a sentence that is longer is no help to anybody


def short(text: object) -> str:
    """A text of bounded length, without characters that would turn the line around."""
    plain = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(text)[: LONGEST + 1])
    return plain if len(plain) <= LONGEST else f"{plain[:LONGEST]}…"


def long_day(day: date) -> str:
    """`1 March 2025`."""
    return f"{day.day} {day:%B %Y}"


def short_day(day: date) -> str:
    """`1 Mar`."""
    return f"{day.day} {day:%b}"


def instant(at: datetime | None) -> str:
    """`2 March 2025 00:41 UTC`."""
    return f"{long_day(at)} {at:%H:%M} UTC" if at else "not known"


def number(value: float | None, unit: str = "") -> str:
    """A value with its unit: counts whole, money to the cent, shares as percent."""
    if value is None:
        return "–"
    if unit == "share":
        return f"{value:.1%}"
    if unit == "h":
        return f"{value:,.0f} h" if abs(value) >= 100 else f"{value:,.1f} h"
    if unit:
        return f"{value:,.2f} {unit}"
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def change(value: float | None, unit: str) -> str:
    """`▲ 13.7%`; of shares in percentage points."""
    if value is None:
        return ""
    arrow = "=" if abs(value) < 0.0005 else "▲" if value > 0 else "▼"
    return f"{arrow} {abs(value) * 100:.1f}{' points' if unit == 'share' else '%'}"


def times(factor: float) -> str:
    """`3.4×`."""
    return f"{factor:,.1f}×"


def tenths(value: float | None) -> str:
    """Seconds, to the tenth."""
    return "–" if value is None else f"{value:,.1f}"


def bytes_(count: int | None) -> str:
    """Bytes as a person reads them."""
    return "–" if count is None else size(count)


def price(value: float, currency: str) -> str:
    """`12.34 EUR`; of less than one of the currency also what small change does not show."""
    return f"{value:,.{2 if value >= 1 else 4}f} {currency}"


def exact(value: float) -> str:
    """All of a number, up to six decimals."""
    return f"{value:,.6f}".rstrip("0").rstrip(".")


FOR_TEMPLATES = (short, long_day, short_day, instant, number, change, times, tenths, price, exact)
