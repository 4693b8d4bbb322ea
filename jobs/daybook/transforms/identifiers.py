"""Ids: a UUID is its lower-case text with hyphens; an integer gets one of its own, that of Python's `uuid.uuid5`."""

from uuid import UUID

from pyspark.sql import Column
from pyspark.sql import functions as F

# \A and \z, not ^ and $: Java's $ also matches before a final line break.
_UUID = r"\A[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\z"
# As many systems keep a UUID in a text column. No integer is taken for one: it has at most 19 digits.
_WITHOUT_HYPHENS = r"\A[0-9a-fA-F]{32}\z"
_GROUPS = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
_INTEGER = r"\A(0|[1-9][0-9]{0,18})\z"


def uuid_text(text: Column, kind: str, namespace: UUID | None) -> Column:
    """The id as a uuid's text; NULL when it is neither a UUID nor (with a namespace) an integer."""
    # Of 0-9 and a-f alone: lower case in every locale, where a Turkish I would be another letter.
    lower = F.lower(text)
    bare = F.concat_ws("-", *(lower.substr(start, length) for start, length in _GROUPS))
    known = F.when(text.rlike(_UUID), lower).when(text.rlike(_WITHOUT_HYPHENS), bare)
    if namespace is None:
        return known
    return known.when(text.rlike(_INTEGER), _uuid5(namespace, F.concat(F.lit(f"{kind}-"), text)))


def is_integer_id(text: Column) -> Column:
    """Whether the id is an integer, which only a namespace turns into a uuid."""
    return F.coalesce(text.rlike(_INTEGER), F.lit(False))


def _uuid5(namespace: UUID, name: Column) -> Column:
    """RFC 9562 version 5: SHA-1 of namespace and name, with the version and variant bits put in."""
    digest = F.sha1(F.concat(F.unhex(F.lit(namespace.hex)), F.encode(name, "UTF-8")))
    variant = F.translate(digest.substr(17, 1), "0123456789abcdef", "89ab89ab89ab89ab")
    return F.concat_ws(
        "-",
        digest.substr(1, 8),
        digest.substr(9, 4),
        F.concat(F.lit("5"), digest.substr(14, 3)),
        F.concat(variant, digest.substr(18, 3)),
        digest.substr(21, 12),
    )
