"""The object store: the three buckets, and one user per purpose with just the rights it needs."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from mypy_boto3_s3 import S3Client

from local.accounts import minio
from local.servers import seaweedfs
from local.servers.objectstore import BUCKETS

ETL = "daybook-etl"
LOADER = "daybook-loader"
READ = ["s3:GetBucketLocation", "s3:ListBucket", "s3:GetObject"]
WRITE = ["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
WRITE += ["s3:ListMultipartUploadParts", "s3:ListBucketMultipartUploads"]
# No night needs it: `jobs/check.py` looks for rules that would delete live files.
LOOK = ["s3:GetLifecycleConfiguration"]

User = Callable[[str, str, dict[str, Any]], None]  # makes one of this name, with this password and these rights


def user_of(store: str, home: Path, admin: Mapping[str, str]) -> User:
    """Return what makes or changes a user of the store of this name, whose state is in `home`."""
    return partial(seaweedfs.user, home) if store == "seaweedfs" else partial(minio.user, admin)


def connect(settings: Mapping[str, str]) -> S3Client:
    """Return an S3 client of the account that the settings name."""
    return boto3.client(
        "s3",
        endpoint_url=settings["AWS_ENDPOINT_URL_S3"],
        region_name=settings["AWS_REGION"],
        aws_access_key_id=settings["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=settings["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"max_attempts": 1}, connect_timeout=5, read_timeout=20, proxies={}),
    )


def ready(admin: Mapping[str, str]) -> bool:
    """Whether the server serves its administrator."""
    try:
        connect(admin).list_buckets()
    except (BotoCoreError, ClientError):
        return False
    return True


def create(admin: Mapping[str, str], user: User, etl_password: str, loader_password: str) -> None:
    """Make buckets and users where they are missing."""
    store = connect(admin)
    present = {bucket.get("Name") for bucket in store.list_buckets().get("Buckets", [])}
    for bucket in BUCKETS:
        if bucket not in present:
            store.create_bucket(Bucket=bucket)
    user(ETL, etl_password, policy(BUCKETS, READ + WRITE + LOOK))
    user(LOADER, loader_password, policy(("gold",), READ))


def policy(buckets: tuple[str, ...], actions: list[str]) -> dict[str, Any]:
    """Return the policy that allows the actions on the buckets and on nothing else."""
    resources = [f"arn:aws:s3:::{bucket}{part}" for bucket in buckets for part in ("", "/*")]
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": actions, "Resource": resources}],
    }


def check(settings: Mapping[str, str], buckets: tuple[str, ...]) -> str:
    """List the buckets' contents as the account that the settings name; return what was found."""
    store = connect(settings)
    for bucket in buckets:
        store.list_objects_v2(Bucket=bucket, MaxKeys=1)
    return f"{', '.join(buckets)} readable"
