"""Where the object store, the lake and the warehouse are, and what a day out of the ordinary is."""

from daybook.contracts.setting import Setting

_CHAIN = "what AWS's tools find: a profile, a web identity, a container's or an instance's role"
_S3A = "s3a://bucket or s3a://bucket/prefix"

STORE = (
    Setting(
        "AWS_ENDPOINT_URL_S3", "The address of the object store.", unset="AWS",
        pattern="https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?/?", like="http://host:port or https://host:port",
    ),
    Setting("AWS_REGION", "The region of the buckets.", default="us-east-1"),
    Setting("AWS_ACCESS_KEY_ID", "The id of the access key.", unset=_CHAIN),
    Setting("AWS_SECRET_ACCESS_KEY", "The secret of the access key.", secret=True, unset=_CHAIN),
    Setting("AWS_SESSION_TOKEN", "The token that belongs to a temporary access key.", secret=True),
    Setting("AWS_PROFILE", "The profile of AWS's files that holds the access key."),
    Setting("AWS_SHARED_CREDENTIALS_FILE", "AWS's file of credentials.", "path", unset="`~/.aws/credentials`"),
    Setting("AWS_CONFIG_FILE", "AWS's file of profiles.", "path", unset="`~/.aws/config`"),
    Setting("AWS_WEB_IDENTITY_TOKEN_FILE", "The file with the token of a web identity.", "path"),
    Setting(
        "AWS_CA_BUNDLE",
        "The CA of a store whose certificate a private one has signed, as PEM"
        " ([both clients](lake.md#one-store-two-clients)).",
        "file", unset="`REQUESTS_CA_BUNDLE`, or the CAs of Python and Java",
    ),
    Setting("REQUESTS_CA_BUNDLE", "The same, if `AWS_CA_BUNDLE` is unset.", "file", unset="the CAs of Python and Java"),
)  # fmt: skip
_APART = "None of the three lies in another, nor in any other place in which a job writes."
LAKE = (
    Setting("DAYBOOK_BRONZE", f"Where bronze is. {_APART}", default="s3a://bronze", like=_S3A),
    Setting("DAYBOOK_SILVER", "Where silver is.", default="s3a://silver", like=_S3A),
    Setting("DAYBOOK_GOLD", "Where gold is. Airflow's DAG processor needs it, too.", default="s3a://gold", like=_S3A),
)
WAREHOUSE = (
    Setting(
        "DUCKDB_PATH", "The analysts' DuckDB file. Airflow's DAG processor needs it, too.", "path",
        "/tmp/duckdb/analytics.duckdb",
    ),
    Setting(
        "DAYBOOK_FIRST_DAY",
        "The first day of your data. The file remembers it and misses no day before it. An unpaused DAG catches up"
        " from it; without one, or with what is no day, the DAG begins with last night.",
        "day",
    ),
)  # fmt: skip


def _limit(name: str, default: str, words: str) -> Setting:
    """A limit, which the warehouse file remembers."""
    see = "The file remembers it. See [out of the ordinary](gold.md#is-a-day-out-of-the-ordinary)."
    return Setting(f"DAYBOOK_LIMIT_{name}", f"{words} {see}", "whole", default, low=1, high=1_000_000)


LIMITS = (
    _limit(
        "REJECTED_FACTOR", "3",
        "A day is out of the ordinary if a table's share of rejected rows is more than so many times the usual.",
    ),
    _limit("REJECTED_ROWS", "5", "Fewer rejected rows of a table than so many are never out of the ordinary."),
    _limit(
        "ROWS_FACTOR", "2",
        "A day is out of the ordinary if a table has more than so many times its usual rows, or less than that part.",
    ),
    _limit(
        "RATE_DAYS", "7",
        "A day is out of the ordinary if its newest exchange rate became valid more than so many days before.",
    ),
    Setting(
        "DAYBOOK_LIMIT_ACTION",
        "What a load does at a day out of the ordinary: `warn`, or `stop` and not load it, asked for or not.",
        "choice", "warn", choices=("warn", "stop"),
    ),
)  # fmt: skip
