"""Rows of `user_purchases`."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from random import Random
from uuid import UUID

from local.seed.plan import Plan, amount, new_id
from local.seed.planting import Spot, planted
from local.seed.rhythm import moment
from local.seed.rows import Purchase, Row

TABLE = "user_purchases"
PRODUCTS = ("subscription", "ticket", "gift", "boost", "coins", "equipment")
LOWEST_CENTS = (999, 500, 300, 199, 99, 1500)
# what the euro area buys in euros is the bulk; the other three need a rate
CURRENCIES = ("EUR",) * 12 + ("USD",) * 4 + ("GBP",) * 2 + ("CHF",) * 2


def purchases(plan: Plan, day: int, numbers: range) -> Iterator[Row]:
    """What these users bought on the day; most pay in one currency, travellers in another now and then."""
    for number in numbers:
        random = plan.random(TABLE, day, number)
        user = plan.id_of("user", number)
        home = CURRENCIES[number % len(CURRENCIES)]
        for _ in range(amount(random, plan.purchases_per_user)):
            currency = home if random.random() < 0.9 else random.choice(CURRENCIES)
            made = _purchase(random, user, moment(plan, random, day), currency)
            yield Row(made.purchase_time, "", made)


def planted_purchases(plan: Plan, day: int) -> Iterator[Row]:
    """The day's planted cases."""
    return planted(plan, TABLE, day, plan.users * plan.purchases_per_user, _case)


def _purchase(random: Random, user: UUID, at: int, currency: str) -> Purchase:
    product = random.randrange(len(PRODUCTS))
    cents = LOWEST_CENTS[product] * (1 + amount(random, 0.6)) + random.choice((0, 0, 0, 50, 37))
    return Purchase(user, at, new_id(random), PRODUCTS[product], Decimal(cents).scaleb(-2), currency)


def _case(spot: Spot, name: str) -> Iterator[Row]:
    made = _purchase(spot.random, spot.user(), spot.moment(), "EUR")
    yield Row(made.purchase_time, name, _CHANGES[name](made, spot.number))


_CHANGES: dict[str, Callable[[Purchase, int], Purchase]] = {
    "negative": lambda row, nth: row._replace(amount=Decimal("-0.01") - nth),
    "implausible": lambda row, nth: row._replace(amount=Decimal("1000000.01") * (1 + nth)),
    "amount_null": lambda row, _: row._replace(amount=None),
    "currency_null": lambda row, _: row._replace(currency=None),
    "currency_euro": lambda row, _: row._replace(currency="EURO"),
    "currency_xxx": lambda row, _: row._replace(currency="XXX"),
    # Croatia has the euro since 2023: conf/exchange_rates.csv has the kuna's last rate
    "currency_outdated": lambda row, _: row._replace(currency="HRK"),
    # a dinar has a thousand fils
    "three_decimals": lambda row, nth: row._replace(amount=Decimal("1.234") + nth, currency="KWD"),
    "currency_untidy": lambda row, nth: row._replace(currency=(" eur ", "usd", "Gbp\n", "\tCHF")[nth % 4]),
}
