"""Both gold tables of one day by pandas, from silver of the days around it."""

from collections.abc import Mapping
from datetime import date

import pandas as pd
import pyarrow as pa

from benchmarks.peers.meaning import rates_on
from benchmarks.peers.pandas_silver import money_of
from daybook import days, settings
from daybook.contracts.group_messages import GROUP_MESSAGES
from daybook.contracts.model import SourceTable
from daybook.contracts.user_purchases import USER_PURCHASES
from daybook.rates import DayRates

_STARTS = ("START", "LOGIN", "CONNECT", "SESSION_START")
_ENDS = ("END", "LOGOUT", "DISCONNECT", "SESSION_END")
_SENDING = ["user_id", "notification_id"]
_A_DAY, _CLOCKS = pd.Timedelta(days=1), pd.Timedelta(minutes=5)
Frames = Mapping[tuple[str, date], pd.DataFrame]


def made(silver: Frames, day: date) -> dict[str, pd.DataFrame]:
    """Both tables of a day; neighbours that are not there count as empty."""
    meaning, listed = settings.meaning(), rates_on(day)
    held = _gaps(_around(silver, "user_session_events", day, (-2, -1, 0, 1, 2)), pd.Timedelta(meaning.max_gap))
    messages, purchases = _once(silver, GROUP_MESSAGES, day), _once(silver, USER_PURCHASES, day)
    notifications = _around(silver, "user_notifications", day, (-2, -1, 0, 1, 2))
    states = _around(silver, "notification_states", day, (-1, 0, 1))
    reactions = states[states["status"].isin(meaning.success_states)]
    own = notifications["state"].isin(meaning.success_states)
    sendings = _sendings(notifications, own, reactions, pd.Timedelta(meaning.attribution))
    return {
        "global_user_activity_per_day": _activity(held, messages, purchases, listed, day),
        "global_notif_impact_per_day": _impact(sendings, held, day),
    }


def _around(silver: Frames, name: str, day: date, offsets: tuple[int, ...]) -> pd.DataFrame:
    near = [silver.get((name, days.shifted(day, by))) for by in offsets]
    return pd.concat([frame for frame in near if frame is not None], ignore_index=True)


def _once(silver: Frames, table: SourceTable, day: date) -> pd.DataFrame:
    """The day's rows, without those whose key the day before has, too."""
    own, before = silver[table.name, day], silver.get((table.name, days.shifted(day, -1)))
    if before is None:
        return own
    own_keys, known = (pd.MultiIndex.from_frame(frame[list(table.key)]) for frame in (own, before))
    return own[~own_keys.isin(known)].reset_index(drop=True)


def _gaps(events: pd.DataFrame, max_gap: pd.Timedelta) -> pd.DataFrame:
    """Each instant: how many visits begin, whether counted time ends at it, and until when it goes on after it."""
    session, kind = ["user_id", "session_id"], events["event_type"]
    kinds = events[[*session, "event_time"]].assign(starts=kind.isin(_STARTS), ends=kind.isin(_ENDS))
    kinds["acts"] = ~kinds["starts"] & ~kinds["ends"]
    e = kinds.groupby([*session, "event_time"]).agg({"starts": "sum", "ends": "any", "acts": "any"}).reset_index()
    at, starts = e["event_time"], e["starts"] > 0
    same = (e["user_id"] == e["user_id"].shift()) & (e["session_id"] == e["session_id"].shift())
    follows = same & (at - at.shift() <= max_gap)
    is_open = follows & (starts | e["acts"]).shift(fill_value=False)
    starts_first, ends_last = starts & ~(is_open & (e["acts"] | e["ends"])), e["ends"] & ~(is_open & starts)
    ends = follows & ~ends_last.shift(fill_value=False) & ~starts_first
    begins = e["starts"] + (e["acts"] & ~ends & ~starts_first)
    until = at.shift(-1).where(ends.shift(-1, fill_value=False))
    return e[["user_id"]].assign(at=at, ends=ends, begins=begins, until=until)


def _activity(
    held: pd.DataFrame, messages: pd.DataFrame, purchases: pd.DataFrame, listed: DayRates, day: date
) -> pd.DataFrame:
    first = pd.Timestamp(days.begins(day))
    end = first + _A_DAY
    on_day = held["at"].between(first, end, inclusive="left")
    seen = held[on_day | ((held["at"] < first) & (held["until"] > first))]
    spent = seen["until"].clip(upper=end) - seen["at"].clip(lower=first)
    per_user = seen.assign(visits=seen["begins"].where(seen["at"] >= first, 0), spent=_micros(spent)).groupby("user_id")
    sums = per_user[["visits", "spent"]].sum()
    money = pa.table({"user": pa.array(purchases["user_id"]), "money": money_of(purchases, listed)})
    total = money.group_by("user").aggregate([("money", "sum")])
    rounded = pa.compute.round(total["money_sum"], 2, "half_towards_infinity").to_pylist()
    paid = pd.Series(list(map(float, rounded)), total["user"].to_pylist(), dtype="float64", name="paid")
    said = messages.groupby("user_id").size().rename("said")
    joined = sums.join([said, paid], how="outer").fillna(0).rename_axis("user_id").reset_index()
    return pd.DataFrame(
        {
            "user_id": joined["user_id"],
            "date": day,
            "total_nbr_connexion": joined["visits"].astype("int32"),
            "total_spend_time": joined["spent"].astype("int64"),
            "total_message_send_this_day": joined["said"].astype("int32"),
            "total_money_spend": joined["paid"],
        }
    )


def _sendings(
    sent: pd.DataFrame, own: "pd.Series[bool]", reactions: pd.DataFrame, attribution: pd.Timedelta
) -> pd.DataFrame:
    """Each sending: its latest text, and its success, if any in time."""
    at = sent["notification_time"]
    moment = _later(sent["modified_at"].fillna(at), at).where(own)
    versions = sent[_SENDING].assign(sent=at, moment=moment)
    keys = versions[[*_SENDING, "sent"]].drop_duplicates().sort_values("sent")
    asked = reactions[_SENDING].assign(at=reactions["updated_at"]).sort_values("at")
    last = pd.merge_asof(asked, keys, left_on="at", right_on="sent", by=_SENDING)["sent"]
    following = pd.merge_asof(asked, keys, left_on="at", right_on="sent", by=_SENDING, direction="forward")["sent"]
    asked = asked.reset_index(drop=True)
    belongs = last.where(asked["at"] < last + attribution)
    belongs = belongs.fillna(following.where(following <= asked["at"] + _CLOCKS))
    found = asked[_SENDING].assign(sent=belongs, moment=_later(asked["at"], belongs)).dropna()
    first = pd.concat([versions, found]).groupby([*_SENDING, "sent"])["moment"].min()
    latest = sent.sort_values(["modified_at", "content", "state"], na_position="first")
    latest = latest.drop_duplicates([*_SENDING, "notification_time"], keep="last")
    text = latest.rename(columns={"notification_time": "sent"})[[*_SENDING, "sent", "content"]]
    joined = text.join(first, on=[*_SENDING, "sent"])
    return joined.assign(success=joined["moment"].where(joined["moment"] < joined["sent"] + attribution))


def _later(one: pd.Series, other: pd.Series) -> pd.Series:
    return one.where(one >= other, other)


def _impact(sendings: pd.DataFrame, held: pd.DataFrame, day: date) -> pd.DataFrame:
    first = pd.Timestamp(days.begins(day))
    judged = sendings[sendings["sent"].between(first, first + _A_DAY, inclusive="left")].reset_index(drop=True)
    success = judged["success"]
    after = _time_after(judged.assign(at=success)[success.notna()], _bounds(held))
    return pd.DataFrame(
        {
            "user_id": judged["user_id"],
            "content_notif": judged["content"],
            "notif_date": day,
            "is_success": success.notna(),
            "time_spend_after_success": after.reindex(judged.index).astype("Int64"),
        }
    )


def _bounds(held: pd.DataFrame) -> pd.DataFrame:
    """Where counted time starts (-1) and ends (+1); a gap over midnight ends and starts there."""
    own = held[["user_id", "at"]].assign(change=held["ends"].astype("int64") - held["until"].notna().astype("int64"))
    own = own[own["change"] != 0].assign(day=lambda frame: frame["at"].dt.floor("D"))
    midnight = held["at"].dt.floor("D") + _A_DAY
    users, at = held["user_id"][held["until"] >= midnight], midnight[held["until"] >= midnight]
    crossing = pd.DataFrame({"user_id": users, "at": at})
    before, behind = crossing.assign(change=1, day=at - _A_DAY), crossing.assign(change=-1, day=at)
    return pd.concat([own, before, behind], ignore_index=True)


def _time_after(asked: pd.DataFrame, bounds: pd.DataFrame) -> "pd.Series[int]":
    """Counted time from each moment to the end of its day: running totals, from the end of the day back."""
    moments = asked[["user_id", "at"]].assign(change=0, day=asked["at"].dt.floor("D"), asked=asked.index)
    line = pd.concat([moments, bounds], ignore_index=True).sort_values(["user_id", "day", "at"], ascending=False)
    into_day = _micros(line["at"] - line["day"])
    line = line.assign(weighted=line["change"] * into_day)
    sums = line.groupby(["user_id", "day"], sort=False)[["change", "weighted"]].cumsum()
    after = (sums["weighted"] - sums["change"] * into_day)[line["asked"].notna()]
    return after.set_axis(line["asked"].dropna().astype("int64"))


def _micros(length: "pd.Series[pd.Timedelta]") -> "pd.Series[int]":
    return length.dt.as_unit("us").fillna(pd.Timedelta(0)).astype("int64")
