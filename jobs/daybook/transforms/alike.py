"""Words that look like another: for a warning where a setting may have been spelled otherwise than the data."""

from pyspark.sql import Column
from pyspark.sql import functions as F

_ENDINGS = ("", "S", "D", "ED")
_SHORTEST_STEM = 3
_SPELLED_OTHERWISE_FROM = 5  # letters: of a shorter word one letter makes too often another word


def alike(text: Column, word: str) -> Column:
    """Whether a text in upper case looks like the word, or is it.

    Nothing but letters and digits is looked at. Alike are texts that differ in an ending (none, S, D, ED) and, of a
    word of five letters and more, those in which one letter is another, is missing or is one too many.
    """
    plain = "".join(letter for letter in word if letter.isalnum())
    stems = {plain.removesuffix(ending) for ending in _ENDINGS}
    others = sorted({stem + ending for stem in stems if len(stem) >= _SHORTEST_STEM for ending in _ENDINGS} | {plain})
    letters = F.regexp_replace(text, r"[^\p{L}\p{N}]", "")
    if len(plain) < _SPELLED_OTHERWISE_FROM:
        return letters.isin(*others)
    return letters.isin(*others) | (F.levenshtein(letters, F.lit(plain)) <= 1)
