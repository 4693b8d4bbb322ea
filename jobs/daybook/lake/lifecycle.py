"""Which lifecycle rules of a bucket would take live files away: the lake's files are never rewritten, only named."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from daybook.errors import UsageError

# What is in these cannot be read until somebody restores it; the other classes are read as ever.
ARCHIVES = ("GLACIER", "DEEP_ARCHIVE")
# A bucket without rules, a store without them.
_NONE = ("NoSuchLifecycleConfiguration", "NotImplemented", "MethodNotAllowed")


def told(client: Any, root: str) -> list[str]:  # noqa: ANN401 -- boto3 has no types here
    """One line per rule that would delete or archive live files below `s3a://bucket[/prefix]`.

    Raises:
        UsageError: none can be read.
    """
    bucket, _, prefix = root.removeprefix("s3a://").partition("/")
    try:
        rules: Sequence[Any] = client.get_bucket_lifecycle_configuration(Bucket=bucket).get("Rules", [])
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in _NONE:
            return []
        raise _unknown(bucket, f"{code}; the right is s3:GetLifecycleConfiguration") from error
    except BotoCoreError as error:
        raise _unknown(bucket, type(error).__name__) from error
    return [f"bucket {bucket}, rule {harm}" for rule in rules for harm in harms(rule, f"{prefix}/" if prefix else "")]


def _unknown(bucket: str, why: str) -> UsageError:
    then = "grant this account s3:GetLifecycleConfiguration, or look at the rules yourself (docs/lake.md)"
    return UsageError(f"bucket {bucket}: its lifecycle rules are not known ({why})", then=then)


def harms(rule: Mapping[str, Any], layer: str) -> Iterator[str]:
    """What a rule does to live files whose keys begin with `layer`, with its id and prefix.

    Old versions of objects and objects with tags are none of ours, an upload is given up after a day at least, and the
    records of runs may go.
    """
    chosen = rule.get("Filter", {})
    chosen = {**chosen, **chosen.get("And", {})}
    prefix = chosen.get("Prefix", rule.get("Prefix", ""))
    reaches = (prefix.startswith(layer) and not prefix.startswith(f"{layer}_runs/")) or layer.startswith(prefix)
    if rule["Status"] != "Enabled" or not reaches or chosen.get("Tag") or chosen.get("Tags"):
        return
    which = f"{rule.get('ID', 'without an id')!r} (prefix {prefix!r})"
    if when := _when(rule.get("Expiration", {})):
        yield f"{which} deletes live files {when}"
    for transition in rule.get("Transitions", []):
        if transition.get("StorageClass") in ARCHIVES:
            yield f"{which} moves live files to {transition['StorageClass']} {_when(transition)}: no job can read them"


def _when(what: Mapping[str, Any]) -> str:
    """When it happens; empty for what concerns no live object."""
    if "Days" in what:
        return f"after {what['Days']} day{'' if what['Days'] == 1 else 's'}"
    return f"on {what['Date']:%Y-%m-%d}" if "Date" in what else ""
