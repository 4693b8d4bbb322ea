"""`global_notif_impact_per_day`: its rows, the number of sendings again from silver, and which states it has."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TypedDict

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from daybook.days.columns import day_of
from daybook.gold.given import Silver, Told
from daybook.transforms.alike import alike
from daybook.transforms.notif_impact import notif_impact
from daybook.transforms.visits import gaps

# What silver gives again of a day's ledger.
Proven = TypedDict("Proven", {"sendings": int})


def rows(silver: Silver, days: Sequence[date]) -> DataFrame:
    """What each notification of the days achieved."""
    meaning = silver.meaning
    return notif_impact(
        silver.frame("user_notifications", days),
        silver.frame("notification_states", days),
        gaps(silver.frame("user_session_events", days), meaning.max_gap),
        days,
        meaning.attribution,
        meaning.success_states,
    )


def proof(silver: Silver, days: Sequence[date]) -> Mapping[date, Proven]:
    """Distinct sendings of each day in silver of the day and the next: counted from their keys, with no other rule."""
    sent_on = day_of(F.col("notification_time"))
    sendings = silver.frame("user_notifications", days, (0, 1)).where(sent_on.isin(*days))
    keys = sendings.select("user_id", "notification_id", "notification_time").distinct()
    found = keys.agg(*(F.count_if(sent_on == F.lit(day)).alias(str(day)) for day in days)).first()
    assert found is not None, "an aggregate without groups has one row"
    return {day: {"sendings": found[str(day)]} for day in days}


def told(silver: Silver, days: Sequence[date]) -> Told:
    """`states`: for each success state, how many rows of silver have it, and how many another one that looks like it.

    Looked at are the sendings of the day, in silver of the day and the next, and the states of the day. Counts alone
    are told, under the setting's own words, and no text of a row.
    """
    words = silver.meaning.success_states
    sent = silver.frame("user_notifications", days, (0, 1)).select("notification_time", "state")
    changed = silver.frame("notification_states", days, (0,)).select("updated_at", "status")
    on, state, number = F.col("date"), F.col("state"), F.col("rows")
    texts = sent.union(changed).toDF("at", "state").select(day_of(F.col("at")).alias("date"), "state")
    # Each text once, and all of them in one task: they are few, and comparing words costs more than counting rows.
    few = texts.where(on.isin(*days)).groupBy(on, state).agg(F.count(F.lit(1)).alias("rows")).coalesce(1)
    counts = {
        "rows": {word: F.when(state == word, number) for word in words},
        "alike": {word: F.when(~state.isin(*words) & alike(state, word), number) for word in words},
    }
    named = {f"{kind} {word}": count for kind, of_word in counts.items() for word, count in of_word.items()}
    found = (
        few.select(on, *(count.alias(name) for name, count in named.items()))
        .agg(
            *(
                F.sum(F.when(on == F.lit(day), F.col(f"`{name}`"))).alias(f"{day} {name}")
                for day in days
                for name in named
            )
        )
        .first()
    )
    assert found is not None, "an aggregate without groups has one row"
    return {
        day: {"states": {word: {kind: found[f"{day} {kind} {word}"] or 0 for kind in counts} for word in words}}
        for day in days
    }
