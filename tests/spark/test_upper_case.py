"""No text depends on the locale of the JVM: Turkish, Azeri and Lithuanian have an upper case of their own."""

from collections.abc import Iterator
from typing import Any

import pytest
from pyspark.sql import functions as F

from daybook.transforms import typed
from tests.kit.hostile import HOSTILE, WITH_NUL

LOCALES = ("en-US", "tr-TR", "az-AZ", "lt-LT")
DOT_ABOVE = "\u0307"
# Lithuanian drops the dot after these; \u0323 between is of those marks over which it still sees the letter.
SOFT_DOTTED = "ijįɨʝϳіјᵢᶖᶤᶨḭịⁱⱼ𝐢𝕛"
MARKED = [letter + marks for letter in SOFT_DOTTED for marks in (DOT_ABOVE, "\u0323" + DOT_ABOVE, DOT_ABOVE * 2)]
# What stands between the letter and the dot while the case is changed, as a text of its own.
LIKE_THE_HELP = ["\u0001", "i\u0001", "i\u0001" + DOT_ABOVE, "i\u0001\u0001" + DOT_ABOVE + "\u0001"]
TEXTS = [*HOSTILE, *WITH_NUL, "terminé i", "Iıİi", "ŉǰΐﬃ", "ὈΔΥΣΣΕΎΣ ς", *MARKED, *LIKE_THE_HELP]


@pytest.fixture(params=LOCALES)
def jvm(spark: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The JVM, driver and executor in one, in each of the locales."""
    locale = spark._jvm.java.util.Locale
    before = locale.getDefault()
    locale.setDefault(locale.forLanguageTag(request.param))
    yield spark._jvm
    locale.setDefault(before)


def upper(make_frame: Any, texts: list[str]) -> dict[str, str]:
    frame = make_frame([{"text": text} for text in texts], "text string")
    return {row.text: row.upper for row in frame.select("text", typed.upper(F.col("text")).alias("upper")).collect()}


def test_upper_case_is_pythons_for_every_hostile_text_in_every_locale(make_frame: Any, jvm: Any) -> None:
    assert upper(make_frame, TEXTS) == {text: text.upper() for text in TEXTS}


def test_upper_case_is_pythons_for_every_character_that_java_knows(make_frame: Any, spark: Any) -> None:
    surrogates, no_letters_from_here = range(0xD800, 0xE000), 0x20000
    characters = [chr(n) for n in range(no_letters_from_here) if n not in surrogates]
    found = upper(make_frame, characters)
    assert len(found) == len(characters)
    unlike = [one for one in characters if found[one] != one.upper()]
    # Python's Unicode may be newer than Java's: those that came in between stay as they are.
    assert [hex(ord(one)) for one in unlike if spark._jvm.java.lang.Character.isDefined(ord(one.upper()[0]))] == []
