"""Words for names, titles and messages, and the odd texts that every text column has to carry."""

import unicodedata
from random import Random

FIRST_NAMES = (
    "Anna", "Ben", "Chloé", "Davide", "Elif", "Femke", "Grace", "Hugo", "Inès", "Jürgen", "Karol", "Léa",
    "Mia", "Noah", "Olga", "Paul", "Quentin", "Rosa", "Søren", "Tess", "Uma", "Viktor", "Wen", "Yara", "Zoë",
)  # fmt: skip
LAST_NAMES = (
    "Müller", "O'Brien", "García", "Dubois", "Rossi", "Jansen", "Smith", "Nowak", "Öztürk", "Silva", "Keller",
    "van der Berg", "Lefèvre", "Novák", "Andersen", "Moreau", "Fischer", "Costa", "Wójcik", "Brown",
)  # fmt: skip
MAIL_HOSTS = ("example.org", "example.com", "mail.example.net")
TOPICS = (
    "Hiking",
    "Board games",
    "Running",
    "Cinema",
    "Cooking",
    "Chess",
    "Climbing",
    "Language café",
    "Yoga",
)
PLACES = ("Lyon", "Zürich", "Köln", "Genève", "London", "Gent", "Basel", "Porto", "Kraków", "Boston")
PHRASES = (
    "See you there!", "Who is bringing snacks?", "I'll be ten minutes late.", "Great evening, thank you all",
    "Can someone share the address?", "Count me in", "Sorry, not this time.", "Photos are online",
    "Same place as last week?", "Shall we meet at 7, or is that too early?",
)  # fmt: skip
NOTICES = (
    "New message in {topic}, {place}", "{name} invited you to {topic}", "Reminder: {topic} starts soon",
    "{name} liked your photo", "3 new activities near {place}", "Your friends meet in {place} tonight",
)  # fmt: skip

# what breaks careless writers and readers of delimited files, or is mistaken for a missing value
ODD_TEXTS: tuple[str | None, ...] = (
    "First line\nsecond line",
    'He said "see you, perhaps", then left',
    "Party 🎉 with 👩‍👩‍👧 in 東京",
    "",
    None,
    "carriage\r\nreturn and\ttab",
    '"',
    "  blanks around  ",
    "NULL",
    "back\\slash, \\N and \\n",
    'trailing quote"\nand, comma\n',
    "non-breaking\u00a0blank and zero\u200bwidth",
)


def handle(name: str) -> str:
    """The part of a mail address made from a name."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "".join(filter(str.isalpha, plain)).lower() or "x"


def phrase(random: Random) -> str:
    """An ordinary message."""
    return random.choice(PHRASES)


def notice(random: Random) -> str:
    """An ordinary notification text."""
    return random.choice(NOTICES).format(
        topic=random.choice(TOPICS), place=random.choice(PLACES), name=random.choice(FIRST_NAMES)
    )


def odd(number: int) -> str | None:
    """The odd texts in turn."""
    return ODD_TEXTS[number % len(ODD_TEXTS)]
