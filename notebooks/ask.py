"""The warehouse, asked: a beginning for notebooks of your own. `make notebook` opens it; docs/readers.md tells more.

`python notebooks/ask.py` runs it from top to bottom and fails where a column is no longer what it was. No output is
stored here.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(app_title="Daybook, asked")

with app.setup:
    import os
    from datetime import date, timedelta
    from typing import Any

    import altair as alt
    import duckdb
    import marimo as mo

    WAREHOUSE = os.path.expanduser(os.environ.get("DUCKDB_PATH") or "/tmp/duckdb/analytics.duckdb")


@app.function
def ask(question: str, *values: object) -> list[dict[str, Any]]:
    """The rows that answer a question, each by the names of its columns; `?` in it are the values.

    One question, one connection: an open one would show the load with which it began, a kept one for ever. What must
    be of one load belongs into one question. For frames: `.df()` (pandas) or `.pl()` (Polars) of what `execute` gives.
    """
    with duckdb.connect(WAREHOUSE, read_only=True) as warehouse:
        answer = warehouse.execute(question, values)
        names = [column[0] for column in answer.description or ()]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


@app.function
def chart(rows: list[dict[str, Any]]) -> alt.Chart:
    """A chart of the rows, still without marks; a day is a text, since it has no time zone that a browser may shift."""
    plain = [{name: str(value) if isinstance(value, date) else value for name, value in row.items()} for row in rows]
    return alt.Chart(alt.Data(values=plain), width=600, height=180)


@app.cell
def _():
    mo.md(f"""
    # The warehouse, asked

    The file is `{WAREHOUSE}` (`DUCKDB_PATH`). What each figure means: `docs/gold.md`; all columns:
    `docs/data-dictionary.md`. Pick the days; everything below follows.
    """)
    return


@app.cell
def _():
    [there] = ask("SELECT min(date) AS first, max(date) AS last FROM day_status")
    assert there["first"] is not None, "the file holds no day yet; run: make run DS=…"
    latest = max(there["first"], there["last"] - timedelta(days=27))
    days = mo.ui.date_range(there["first"], there["last"], value=(latest, there["last"]), label="days")
    days
    return (days,)


@app.cell
def _(days):
    status = ask(
        """
        SELECT date, table_name, is_loaded, is_final, final_after, waiting_for, is_complete, version, restated_at,
               round(100 * rejected_share, 2) AS rejected_percent
        FROM day_status WHERE date BETWEEN ? AND ? ORDER BY date DESC, table_name
        """,
        *days.value,
    )
    assert all(day["final_after"] >= day["date"] for day in status)
    mo.vstack(
        [
            mo.md(
                "## May these days be used?\n\n`is_final`: true, use it; false, the run after `final_after` is still"
                " to come; empty, a day that it reads was never there (`waiting_for`), or the file lacks this table of"
                " the day (`is_loaded`)."
            ),
            mo.ui.table(status, selection=None),
        ]
    )
    return


@app.cell
def _(days):
    visits = ask(
        """
        SELECT date, count(*) AS users, sum(total_nbr_connexion)::BIGINT AS visits,
               sum(total_spend_time_seconds) / 3600 AS hours, bool_and(is_final) AS is_final
        FROM user_activity_per_day WHERE date BETWEEN ? AND ? GROUP BY date ORDER BY date
        """,
        *days.value,
    )
    assert all(day["users"] > 0 and day["visits"] >= 0 and day["hours"] >= 0 for day in visits)
    each = chart(visits).mark_bar().encode(x="date:O", tooltip=["date:O", "users:Q", "visits:Q", "hours:Q"])
    mo.vstack(
        [
            mo.md("## Visits and hours\n\nA visit counts on the day it begins, time on the day it is spent."),
            each.encode(y="visits:Q", opacity=alt.condition("datum.is_final", alt.value(1), alt.value(0.5))),
            each.encode(y="hours:Q", opacity=alt.condition("datum.is_final", alt.value(1), alt.value(0.5))),
            mo.md("Pale: not final."),
        ]
    )
    return


@app.cell
def _(days):
    weekdays = ask(
        """
        SELECT isodow(notif_date) AS number, dayname(notif_date) AS weekday, count(DISTINCT notif_date) AS days,
               count(*) AS sent, avg(is_success::INT) AS success_rate
        FROM notif_impact_per_day WHERE notif_date BETWEEN ? AND ? GROUP BY ALL ORDER BY number
        """,
        *days.value,
    )
    assert all(0 <= weekday["success_rate"] <= 1 and 0 < weekday["days"] <= weekday["sent"] for weekday in weekdays)
    mo.vstack(
        [
            mo.md(
                "## Success rate by weekday\n\nThe grain is the day: the file knows no hour of sending, so “when in"
                " the day” cannot be asked here. `days` says how many of a weekday it is an average of."
            ),
            chart(weekdays)
            .mark_bar()
            .encode(
                x=alt.X("weekday:N", sort=None),
                y=alt.Y("success_rate:Q", axis=alt.Axis(format="%")),
                tooltip=["weekday:N", "days:Q", "sent:Q", "success_rate:Q"],
            ),
        ]
    )
    return


@app.cell
def _(days):
    money = ask(
        """
        SELECT date, sum(total_money_spend_decimal) AS money, sum(total_money_spend_decimal)::DOUBLE AS height,
               count_if(total_money_spend_decimal > 0) AS buyers
        FROM user_activity_per_day WHERE date BETWEEN ? AND ? GROUP BY date ORDER BY date
        """,
        *days.value,
    )
    rates = ask(
        """
        SELECT rate.key AS currency, rate.value ->> '$' AS rate, min(ds) AS first_day, max(ds) AS last_day
        FROM day_origins, json_each(origin, '$.own.rates') AS rate
        WHERE table_name = 'global_user_activity_per_day' AND ds BETWEEN ? AND ?
        GROUP BY ALL ORDER BY currency, first_day
        """,
        *days.value,
    )
    assert all(day["money"] >= 0 and day["money"].as_tuple().exponent == -2 for day in money), "whole cents"
    assert all(rate["currency"] and rate["rate"] for rate in rates)
    bought = [{"date": day["date"], "money": day["height"], "buyers": day["buyers"]} for day in money]
    mo.vstack(
        [
            mo.md(
                "## Money, and the rates it was converted with\n\nIn the reporting currency, whose own rate is 1: a"
                " rate is how much of it one unit of `currency` is worth."
            ),
            chart(bought).mark_bar().encode(x="date:O", y="money:Q", tooltip=["date:O", "money:Q", "buyers:Q"]),
            mo.ui.table(rates, selection=None),
        ]
    )
    return


@app.cell
def _(days):
    longest = max(1, (days.value[1] - days.value[0]).days)
    quiet = mo.ui.slider(1, longest, value=min(7, (longest + 1) // 2), label="days without anything", show_value=True)
    return (quiet,)


@app.cell
def _(days, quiet):
    stopped = ask(
        """
        SELECT user_id, max(date) AS last_seen, count(*) AS days_seen, sum(total_nbr_connexion)::BIGINT AS visits
        FROM user_activity_per_day WHERE date BETWEEN ? AND ?
        GROUP BY user_id HAVING max(date) <= ? ORDER BY days_seen DESC, last_seen DESC
        """,
        *days.value,
        days.value[1] - timedelta(days=quiet.value),
    )
    assert all(user["days_seen"] >= 1 for user in stopped)
    mo.vstack(
        [
            mo.md(
                "## Who stopped coming\n\nSeen in these days, and not in the last ones of them. Who was there most"
                " comes first."
            ),
            quiet,
            mo.ui.table(stopped, selection=None),
        ]
    )
    return


@app.cell
def _(days):
    quality = ask(
        """
        SELECT date, source_table, bronze_rows, silver_rows, rejected_rows, duplicate_rows,
               coalesce(rejected_rows / nullif(bronze_rows, 0), 0) AS rejected_share
        FROM source_ledger_per_day WHERE date BETWEEN ? AND ? ORDER BY date, source_table
        """,
        *days.value,
    )
    reasons = ask(
        """
        SELECT source_table, reason, arg_max(rejected_rows, date) AS newest_day, max(rejected_rows) AS worst_day,
               median(rejected_rows) AS median_day, count(*) AS days
        FROM rejected_rows_per_day WHERE date BETWEEN ? AND ?
        GROUP BY ALL ORDER BY worst_day DESC, source_table, reason
        """,
        *days.value,
    )
    unusual = ask("SELECT date, warning FROM day_warnings WHERE date BETWEEN ? AND ? ORDER BY ALL", *days.value)
    for row in quality:
        assert row["bronze_rows"] == row["silver_rows"] + row["rejected_rows"] + row["duplicate_rows"], row
    mo.vstack(
        [
            mo.md(
                "## What was rejected, and is it growing?\n\nA share per table and day. The rows of several days of"
                " `user_notifications` are not to be added: each holds the day before, too. A row with two reasons"
                " counts for both. The rows themselves: `jobs/rejected.py`."
            ),
            chart(quality)
            .mark_line(point=True)
            .encode(
                x="date:O",
                y=alt.Y("rejected_share:Q", axis=alt.Axis(format="%")),
                color="source_table:N",
                tooltip=["date:O", "source_table:N", "bronze_rows:Q", "rejected_rows:Q"],
            ),
            mo.ui.table(reasons, selection=None),
            mo.md("What is unlike the days before:"),
            mo.ui.table(unusual, selection=None),
        ]
    )
    return


@app.cell
def _():
    try:
        refused = str(ask("SELECT sum(total_spend_time) FROM user_activity_per_day"))
    except duckdb.BinderException as error:
        refused = str(error).splitlines()[0]
    [spent] = ask("SELECT sum(total_spend_time_seconds) / 3600 AS hours FROM user_activity_per_day")
    assert "No function matches" in refused, "DuckDB can sum an INTERVAL now: this trap is none any more"
    assert spent["hours"] is None or spent["hours"] >= 0
    mo.md(f"""
    ## Trap: an INTERVAL cannot be added up

    `sum(total_spend_time)` is refused: *{refused}* The views have each duration again in seconds:
    `sum(total_spend_time_seconds) / 3600` is {spent["hours"] or 0:,.1f} hours.
    """)
    return


@app.cell
def _(days):
    [final] = ask(
        """
        SELECT sum(total_money_spend_decimal) AS all_days,
               sum(total_money_spend_decimal) FILTER (is_final) AS final_days,
               count(DISTINCT date) FILTER (is_final IS NOT true) AS not_final
        FROM user_activity_per_day WHERE date BETWEEN ? AND ?
        """,
        *days.value,
    )
    assert (final["final_days"] or 0) <= (final["all_days"] or 0)
    mo.md(f"""
    ## Trap: the newest days are not final

    Tomorrow's run may still change them, and a sum over them with it. Here {final["not_final"]} of the days are not
    final: the money of all is {final["all_days"] or 0:,}, of the final ones (`WHERE is_final`)
    {final["final_days"] or 0:,}. `WHERE is_final` leaves out what is NULL, too: days that wait for one that was never
    there.
    """)
    return


@app.cell
def _(days):
    counted_twice = ask(
        """
        WITH after AS (
            SELECT user_id, sum(time_spend_after_success_seconds) / 60 AS minutes_after_all_added,
                   avg(time_spend_after_success_seconds) / 60 AS minutes_after_each_on_average
            FROM notif_impact_per_day WHERE is_success AND notif_date BETWEEN ? AND ? GROUP BY user_id
        ),
        spent AS (
            SELECT user_id, sum(total_spend_time_seconds) / 60 AS minutes_there
            FROM user_activity_per_day WHERE date BETWEEN ? AND CAST(? AS DATE) + 1 GROUP BY user_id
        )
        FROM after JOIN spent USING (user_id) WHERE minutes_after_all_added > minutes_there
        ORDER BY minutes_after_all_added DESC LIMIT 10
        """,
        *days.value,
        *days.value,
    )
    assert all(user["minutes_after_each_on_average"] <= user["minutes_after_all_added"] for user in counted_twice)
    mo.vstack(
        [
            mo.md(
                "## Trap: `time_spend_after_success` is not to be added per user\n\nOne visit counts for each"
                " notification whose success lies before it. Added up, these users were there longer than they were"
                " there at all; an average per notification is what the column is for."
            ),
            mo.ui.table(counted_twice, selection=None),
        ]
    )
    return


if __name__ == "__main__":
    app.run()
