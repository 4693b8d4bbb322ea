"""What `make` and the local servers read; set-up needs a bare Python, and reads them without these declarations."""

from daybook.contracts.setting import Setting

LOCAL = (
    Setting(
        "DAYBOOK_LOCAL", "The folder of the local servers' data, logs and settings.", "path",
        unset="the checkout's `.local`",
    ),
    Setting(
        "DAYBOOK_ENVS", "The folder of the Python environments that set-up makes.", "path",
        unset="the checkout's `.local/envs`",
    ),
    Setting(
        "DAYBOOK_LOCAL_STORE", "The object store of the local servers; `make up STORE=seaweedfs` sets it.", "choice",
        choices=("minio", "seaweedfs"), unset="what it was last, at first `minio`",
    ),
    Setting("DEMO_DAYS", "The first of the three days that `make demo` shows.", "day", unset="the last three days"),
    Setting("CASSANDRA_HEAP", "The heap of the local Cassandra, as Java writes it.", default="1G"),
)  # fmt: skip
