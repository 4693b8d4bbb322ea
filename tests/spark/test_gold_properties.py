"""What holds for any events, notifications, messages and purchases: gold agrees with a second reading.

Users do not touch, so one example is a crowd of users, computed in one run of Spark. A failure names the
first user that differs; shrinking the crowd would only take time.
"""

import random
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain, product
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from daybook.contracts.global_notif_impact_per_day import GLOBAL_NOTIF_IMPACT_PER_DAY as IMPACT
from daybook.contracts.gold_model import GoldTable
from daybook.contracts.user_session_events import USER_SESSION_EVENTS
from daybook.transforms import visits
from tests.kit.gold import silver_ddl
from tests.kit.gold_reference import Event, State, User, Version, impact
from tests.kit.histories import A_DAY, EVENT_TYPES, RATES, RECKONED, TEN_DAYS, reckoned, resent_to, silver_of

DAYS = TEN_DAYS[:5]
GOLD_DAY = DAYS[2]

one_spark_run_each = settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)

# Moments meet at few places around each midnight, so that ties, gaps of exactly a day and a microsecond more
# or less, and everything at an edge, happen all the time.
OFFSETS = [timedelta(microseconds=n) for n in (0, 1, 999_999)] + [
    timedelta(hours=h, microseconds=m) for h in (1, 12, 23) for m in (-1, 0, 1)
]
MOMENTS = [datetime.combine(day, time(), tzinfo=UTC) + offset for day in DAYS for offset in OFFSETS]

# Drawn whole from a list rather than part by part: the fewer choices, the larger the crowd can be.
moments = st.sampled_from(MOMENTS)
events = st.sampled_from([Event(*parts) for parts in product("sst", MOMENTS, EVENT_TYPES)])
amounts = st.integers(0, 100_000).map(lambda cents: Decimal(cents) / 100)
TOLD = list(product(["a", "b", "", None], ["CLICKED", "READ", "SENT", None], [None, *MOMENTS]))
# A sending as silver has it: in its own day, and perhaps otherwise in the next.
sendings = st.builds(
    lambda of, first, later: [Version(of[1].date() + n * A_DAY, *of, *told) for n, told in enumerate([first, *later])],
    st.sampled_from(list(product("nm", MOMENTS))),
    st.sampled_from(TOLD),
    st.lists(st.sampled_from(TOLD), max_size=1),
)
states = st.sampled_from([State(*parts) for parts in product("nmo", ["OPENED", "DISMISSED"], MOMENTS)])
ids = st.sampled_from("xxxy")


def id_and_day(row: tuple[Any, ...]) -> tuple[str, date]:
    return row[0], row[1].date()


users = st.builds(
    User,
    events=st.lists(events, max_size=2, unique=True) | st.lists(events, min_size=10, unique=True),
    # Silver holds an id once a day; few ids, so that one comes again on the next day, on three running, and later.
    messages=st.lists(st.tuples(ids, moments), max_size=4, unique_by=id_and_day),
    purchases=st.lists(
        st.tuples(ids, moments, amounts, st.sampled_from(sorted(RATES))), max_size=4, unique_by=id_and_day
    ),
    versions=st.lists(sendings, max_size=3, unique_by=lambda s: (s[0].id, s[0].sent)).map(lambda s: list(chain(*s))),
    states=st.lists(states, max_size=2),
)
crowds = st.lists(users, min_size=60, max_size=60)


@one_spark_run_each
@given(crowd=crowds)
def test_gold_agrees_with_the_reference(gold_of: Any, crowd: list[User]) -> None:
    days = DAYS[1:4]
    found = gold_of(silver_of(crowd), days, RATES)
    for n, user in enumerate(crowd):
        for table in RECKONED:
            check(table, found, n, user, days)


def check(table: GoldTable, found: dict[str, list[Any]], number: int, user: User, days: list[date]) -> None:
    rows = [tuple(row) for row in found[table.name] if row["user_id"] == f"u{number}"]
    assert sorted(rows, key=repr) == sorted(reckoned(table, number, user, days), key=repr), user


@settings(one_spark_run_each, max_examples=1)  # most of the time goes into planning ten days
@given(seed=st.integers(0, 2**32))
def test_sendings_of_one_id_agree_with_the_reference_which_knows_no_window(gold_of: Any, seed: int) -> None:
    drawn = random.Random(seed)
    crowd = [resent_to(drawn, at_least=8), *(resent_to(drawn) for _ in range(599))]
    found = gold_of(silver_of(crowd), TEN_DAYS, RATES, [IMPACT.name])
    for n, user in enumerate(crowd):
        check(IMPACT, found, n, user, TEN_DAYS)
    assert {len(impact(user, RATES)) for user in crowd} >= {1, 2, 8, 16}, "few sendings and many"


@settings(one_spark_run_each, max_examples=2)
@given(crowd=crowds, seed=st.integers(0, 2**32))
def test_the_order_of_input_rows_does_not_matter(gold_of: Any, crowd: list[User], seed: int) -> None:
    silver = silver_of(crowd)
    mixed = {table: random.Random(seed).sample(rows, len(rows)) for table, rows in silver.items()}
    assert gold_of(silver, [GOLD_DAY], RATES) == gold_of(mixed, [GOLD_DAY], RATES), "rows and their order"


@one_spark_run_each
@given(crowd=crowds)
def test_a_session_has_at_most_a_day_of_time_a_day(make_frame: Any, crowd: list[User]) -> None:
    rows = silver_of(crowd)["user_session_events"]
    sessions = visits.per_session(visits.gaps(make_frame(rows, silver_ddl(USER_SESSION_EVENTS)), A_DAY), [GOLD_DAY])
    assert sessions.dtypes[2:] == [("date", "date"), ("visits", "int"), ("time_spent", "interval day to second")]
    for row in sessions.collect():
        assert timedelta(0) <= row["time_spent"] <= A_DAY and row["visits"] >= 0, row
