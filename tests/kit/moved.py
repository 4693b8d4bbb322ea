"""A lake copied on the server, as an administrator moves one, and a bucket that alone the jobs may enter."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from local.accounts import objectstore
from tests.kit.harness import Daybook

LAYERS = ("DAYBOOK_BRONZE", "DAYBOOK_SILVER", "DAYBOOK_GOLD")


def etags(daybook: Daybook, lake: Mapping[str, str]) -> dict[str, str]:
    """Every object of a lake with its ETag, but for lakes of tests below it and the records of runs."""
    store, found = objectstore.connect(daybook.stack.settings("admin")), {}
    for root in (lake[layer] for layer in LAYERS):
        bucket, _, prefix = f"{root}/".removeprefix("s3a://").partition("/")
        for page in store.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for each in page.get("Contents", ()):
                if not each["Key"].removeprefix(prefix).startswith(("test_", "_runs/")):
                    found[f"s3a://{bucket}/{each['Key']}"] = each["ETag"]
    return found


def copy(daybook: Daybook, lake: Mapping[str, str], into: Mapping[str, str]) -> None:
    """Copy each object of a lake's layers to the same name below another place, on the server."""
    store = objectstore.connect(daybook.stack.settings("admin"))
    for name in etags(daybook, lake):
        layer = next(layer for layer in LAYERS if name.startswith(f"{lake[layer]}/"))
        from_bucket, _, from_key = name.removeprefix("s3a://").partition("/")
        bucket, _, key = f"{into[layer]}{name.removeprefix(lake[layer])}".removeprefix("s3a://").partition("/")
        store.copy_object(Bucket=bucket, Key=key, CopySource={"Bucket": from_bucket, "Key": from_key})


@contextmanager
def the_only_bucket(daybook: Daybook, name: str) -> Iterator[None]:
    """A new bucket; until the block ends, the accounts of the jobs and of the loader may enter no other."""
    admin, stack = daybook.stack.settings("admin"), daybook.stack
    etl, loader = (stack.settings(account)["AWS_SECRET_ACCESS_KEY"] for account in ("etl", "loader"))
    objectstore.connect(admin).create_bucket(Bucket=name)
    try:
        stack.user(objectstore.ETL, etl, objectstore.policy((name,), objectstore.READ + objectstore.WRITE))
        stack.user(objectstore.LOADER, loader, objectstore.policy((name,), objectstore.READ))
        yield
    finally:
        objectstore.create(admin, stack.user, etl, loader)
