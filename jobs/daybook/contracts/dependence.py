"""On which settings the meaning of a table depends: what a rule asks for, and a type, say it."""

from collections.abc import Collection, Mapping, Sequence

from daybook.contracts.meanings import MEANINGS

_OF_RATES = ("DAYBOOK_REPORTING_CURRENCY", "DAYBOOK_RATE_MAX_AGE_DAYS")
# What a rule may ask for, and the settings that its value depends on.
PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "latest_plausible": (),
    **{setting.field: (setting.name,) for setting in MEANINGS if setting.in_rules},
    **dict.fromkeys(("rate", "rated_currencies", "outdated_currencies"), _OF_RATES),
}
_OF_TYPES: Mapping[str, str] = {
    "uuid": "DAYBOOK_ID_NAMESPACE",  # by it integer ids become UUIDs
    "timestamp": "DAYBOOK_DATE_ORDER",  # by it dates with slashes are read
}


def settings_of(types: Collection[str], asked: Collection[str]) -> tuple[str, ...]:
    """The settings on which typing columns of the `types` depends, and judging by rules that ask for `asked`."""
    of_rules = {setting for name in asked for setting in PARAMETERS.get(name, ())}
    of_types = {setting for type_, setting in _OF_TYPES.items() if type_ in types}
    return tuple(sorted(of_rules | of_types))


def uses_rates(settings: Sequence[str]) -> bool:
    """Whether what depends on these settings depends on the exchange rates of its day, too."""
    return "DAYBOOK_REPORTING_CURRENCY" in settings
