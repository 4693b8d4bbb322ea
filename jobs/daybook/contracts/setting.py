"""What the declaration of a setting can say: one record for each environment variable that Daybook reads.

It stands here, and not with what reads settings, because contracts name those that change a meaning.
"""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Kind = Literal["text", "whole", "hours", "choice", "words", "uuid", "day", "path", "file"]
_FORMS: dict[str, str] = {
    "text": "text",
    "words": "words with commas between them",
    "uuid": "a UUID",
    "day": "a day YYYY-MM-DD",
    "path": "a path",
    "file": "a file that is there",
}


@dataclass(frozen=True)
class Setting:
    """One environment variable: its name, what it means, and which values it may have.

    `words` are what docs/settings.md says of it. `default` is as the environment would give it; where there is none,
    `unset` says what that means. `low` and `high` bound a whole number or hours, `choices` are the words of a choice. A
    text may have a `pattern`, and `like` then says it in words.

    A setting with a `field` changes what figures mean: `Meaning` holds it under that name, and it enters the lineage of
    every table whose contract depends on it. A rule may name the field as a parameter if the setting is `in_rules`. One
    that is `younger` came when there were lakes already: under its default everything before it was made.
    """

    name: str
    words: str
    kind: Kind = "text"
    default: str | None = None
    unset: str = "none"
    low: int = 0
    high: int = 0
    choices: tuple[str, ...] = ()
    pattern: str = ""
    like: str = ""
    required: bool = False
    secret: bool = False
    field: str = ""
    in_rules: bool = False
    younger: bool = False

    @property
    def form(self) -> str:
        """What it may be, in words, as a refusal and the page of all settings say it."""
        if self.kind in ("whole", "hours"):
            return f"a whole number from {self.low} to {self.high}"
        if self.kind == "choice":
            return ", ".join(self.choices)
        return self.like or _FORMS[self.kind]

    def value(self, text: str | None) -> object:
        """What a text of this form says; None if there is none. Words are raised to upper case, as silver raises them.

        Raises:
            ValueError: it is no UUID or day; whoever reads the environment has judged the other forms before.
        """
        if text is None:
            return None
        match self.kind:
            case "whole":
                return int(text)
            case "hours":
                return timedelta(hours=int(text))
            case "words":
                return tuple(word.strip().upper() for word in text.split(","))
            case "uuid":
                return uuid.UUID(text)
            case "day":
                return date.fromisoformat(text)
        return text
