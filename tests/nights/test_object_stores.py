"""What publication asks of an object store, of each kind there is, and a day on the one that is not the default.

A conditional write is the one lock that Daybook has: of those who write at the same moment exactly one may succeed.
"""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.accounts import objectstore
from tests.kit.harness import FIRST, SHIPPED, Daybook
from tests.kit.object_stores import OwnStore, own_store
from tests.kit.sources import succeeds
from toolchain import stores

AT_ONCE, ROUNDS = 32, 50
BUCKET = "bronze"


@pytest.fixture(scope="module", params=stores.NAMES)
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnStore]:
    with own_store(request.param, tmp_path_factory.mktemp(request.param)) as store:
        yield store


@pytest.fixture(scope="module")
def client(store: OwnStore) -> Any:
    """As the jobs' account, with a connection for each of those who write at once, and one try."""
    return boto3.client(
        "s3",
        endpoint_url=store.etl["AWS_ENDPOINT_URL_S3"],
        region_name=store.etl["AWS_REGION"],
        aws_access_key_id=store.etl["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=store.etl["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"total_max_attempts": 1}, max_pool_connections=AT_ONCE),
    )


def written(client: Any, key: str, body: str, **condition: str) -> str:
    """The ETag of what was written, or the code of the refusal."""
    try:
        return str(client.put_object(Bucket=BUCKET, Key=key, Body=body.encode(), **condition)["ETag"])
    except ClientError as refused:
        return str(refused.response["Error"]["Code"])


def test_of_those_who_create_or_replace_an_object_at_once_exactly_one_does(client: Any) -> None:
    ended: Counter[tuple[str, int, frozenset[str]]] = Counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for number in range(ROUNDS):
            key, seen = f"race/{number}", '"none"'
            for what in ("create", "replace"):
                condition = {"IfNoneMatch": "*"} if what == "create" else {"IfMatch": seen}
                bodies = [f"{what} {number} {writer}" for writer in range(AT_ONCE)]
                told = list(pool.map(lambda body: written(client, key, body, **condition), bodies))  # noqa: B023
                won = {each: body for each, body in zip(told, bodies, strict=True) if each.startswith('"')}
                ended[what, len(won), frozenset(set(told) - set(won))] += 1
                there = client.get_object(Bucket=BUCKET, Key=key)
                seen = there["ETag"]
                assert won.get(seen) == there["Body"].read().decode()
    refused = frozenset({"PreconditionFailed"})
    assert ended == {("create", 1, refused): ROUNDS, ("replace", 1, refused): ROUNDS}


def test_what_is_written_and_deleted_is_listed_so_at_once(client: Any) -> None:
    names = [f"listed/{number:03}" for number in range(50)]
    for name in names:
        client.put_object(Bucket=BUCKET, Key=name, Body=b"x")
    assert listed(client, "listed/") == names
    client.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": name} for name in names[:40]]})
    assert listed(client, "listed/") == names[40:]
    client.delete_object(Bucket=BUCKET, Key=names[40])
    assert listed(client, "listed/") == names[41:]


def test_an_upload_of_parts_is_there_when_it_is_completed_and_not_before(client: Any) -> None:
    parts = [b"a" * 6_000_000, b"b" * 100]
    upload = {"Bucket": BUCKET, "Key": "parts/whole"}
    upload |= {"UploadId": client.create_multipart_upload(**upload)["UploadId"]}
    sent = [
        {"PartNumber": number, "ETag": client.upload_part(PartNumber=number, Body=part, **upload)["ETag"]}
        for number, part in enumerate(parts, 1)
    ]
    assert listed(client, "parts/") == []
    client.complete_multipart_upload(MultipartUpload={"Parts": sent}, **upload)
    assert client.get_object(Bucket=BUCKET, Key="parts/whole")["Body"].read() == b"".join(parts)
    assert listed(client, "parts/") == ["parts/whole"]


def listed(client: Any, prefix: str) -> list[str]:
    return [each["Key"] for each in client.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", ())]


def test_the_loader_reads_gold_and_can_do_nothing_else(store: OwnStore) -> None:
    loader = objectstore.connect(store.loader)
    assert loader.list_objects_v2(Bucket="gold")["KeyCount"] == 0
    for bucket in ("bronze", "silver"):
        with pytest.raises(ClientError, match="AccessDenied"):
            loader.list_objects_v2(Bucket=bucket)
    with pytest.raises(ClientError, match="AccessDenied"):
        loader.put_object(Bucket="gold", Key="x", Body=b"")


@pytest.mark.parametrize("store", ["seaweedfs"], indirect=True)  # MinIO is that of all other tests
def test_a_day_goes_through_and_a_rerun_changes_nothing(daybook: Daybook, store: OwnStore) -> None:
    own = {"DUCKDB_PATH": str(daybook.stack.home / "duckdb" / f"test_{store.name}.duckdb")}
    with daybook.driver(**store.etl, **SHIPPED, **own) as up:
        succeeds(up.run("day", "--ds", FIRST))
        again = up.run("day", "--ds", FIRST)
    succeeds(again)
    assert "0 tables published" in again.last_line, again.output
    succeeds(daybook.load("--ds", FIRST, **store.loader, **own))
    succeeds(daybook.verify("--ds", FIRST, **store.etl, **own))
