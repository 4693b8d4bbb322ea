"""The object store, by the few calls that publication needs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

from daybook.errors import DaybookError, RetryableError, UsageError
from daybook.settings import object_store

# One server-side copy call moves up to 5 GB; only above that is multipart needed.
_COPY = TransferConfig(multipart_threshold=5 * 1024**3 - 1, multipart_chunksize=1024**3)
_NOT_REACHED = (ConnectionError, HTTPClientError)
_AGAIN = "see that the server is up and AWS_ENDPOINT_URL_S3 is its address, then run the same command again"
# What the client's errors mean, where it is more than that nobody answers.
_REASONS = {
    "SSLError": "TLS failed",
    "ConnectionClosedError": "it hung up",
    "ConnectTimeoutError": "no answer in time",
    "ReadTimeoutError": "no answer in time",
}
# The store's refusals, and what to do about each. Who may not see a bucket is not told that it is missing.
_RIGHTS = "see that the bucket is there, and grant it (README, “Your own databases”)"
_BUCKET = "make the bucket, or name another by DAYBOOK_BRONZE, DAYBOOK_SILVER or DAYBOOK_GOLD"
_REFUSED = {
    "AccessDenied": _RIGHTS,
    "403": _RIGHTS,
    "InvalidAccessKeyId": "correct AWS_ACCESS_KEY_ID",
    "SignatureDoesNotMatch": "correct AWS_SECRET_ACCESS_KEY",
    "NoSuchBucket": _BUCKET,
    "InvalidBucketName": _BUCKET,
}


class ConflictError(Exception):
    """A conditional write found another state than the one it was made for."""


class UnknownOutcomeError(ConflictError):
    """The reply to a conditional write was lost: it may yet take effect."""


@dataclass(frozen=True)
class Stored:
    """An object's content and the ETag that names this very content."""

    body: bytes
    etag: str


class Store:
    """S3 as a key-value store; objects are named by their `s3a://bucket/key`."""

    def __init__(self, endpoint: str | None) -> None:
        """Connect lazily; keys come from the environment."""
        self._where = object_store(endpoint)
        # A session of its own: the one boto3 shares would keep the keys of whoever asked first.
        self._s3: Any = boto3.Session().client(
            "s3",
            endpoint_url=endpoint,
            region_name=os.environ.get("AWS_REGION", "us-east-1"),
            config=Config(
                retries={"mode": "standard", "total_max_attempts": 3},
                connect_timeout=5,
                s3={"addressing_style": "path"} if endpoint else None,
            ),
        )

    def get(self, uri: str) -> Stored | None:
        """The object, or None when there is none."""
        bucket, key = split(uri)
        found = None
        with self._told(uri):
            try:
                reply = self._s3.get_object(Bucket=bucket, Key=key)
                found = Stored(reply["Body"].read(), reply["ETag"])
            except ClientError as error:
                if _code(error) != "NoSuchKey":
                    raise
        return found

    def put_if_unchanged(self, uri: str, body: bytes, etag: str | None) -> None:
        """Write the object if it still has `etag` (None: if it is still absent).

        Raises:
            ConflictError: it has not.
            UnknownOutcomeError: the reply was lost.
        """
        bucket, key = split(uri)
        condition = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
        try:
            self._s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json", **condition)
        except ClientError as error:
            if _status(error) in (404, 409, 412) and _code(error) != "NoSuchBucket":
                raise ConflictError(str(error)) from error
            if _status(error) >= 500:
                raise UnknownOutcomeError(str(error)) from error
            raise self._explained(error, uri) from error
        except (ConnectionError, HTTPClientError) as error:
            raise UnknownOutcomeError(str(error)) from error

    def copy(self, source: str, target: str) -> None:
        """Copy on the server side."""
        from_bucket, from_key = split(source)
        bucket, key = split(target)
        with self._told(target):
            self._s3.copy({"Bucket": from_bucket, "Key": from_key}, bucket, key, Config=_COPY)

    def sizes(self, folder: str) -> dict[str, int]:
        """The objects below a folder (or in a whole bucket), by their full name, with their bytes."""
        bucket, prefix = split(folder)
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix and f"{prefix}/")
        with self._told(folder):
            objects = [found for page in pages for found in page.get("Contents", ())]
        return {f"s3a://{bucket}/{found['Key']}": found["Size"] for found in objects}

    def delete(self, uris: list[str]) -> None:
        """Delete objects; those already gone do not matter."""
        for uri in uris:
            bucket, key = split(uri)
            with self._told(uri):
                self._s3.delete_object(Bucket=bucket, Key=key)

    def download(self, uri: str, path: str) -> None:
        """Fetch an object into a local file."""
        bucket, key = split(uri)
        with self._told(uri):
            self._s3.download_file(bucket, key, path)

    @contextmanager
    def _told(self, uri: str) -> Iterator[None]:
        """Tell the client's errors as ours, in one line each."""
        try:
            yield
        except (ClientError, *_NOT_REACHED) as error:
            raise self._explained(error, uri) from error

    def _explained(self, error: Exception, uri: str) -> DaybookError:
        if not isinstance(error, ClientError):
            reason = _REASONS.get(type(error).__name__, "nobody answers")
            return RetryableError(f"{self._where}: not reached ({reason})", then=_AGAIN)
        code = _code(error)
        line = f"{self._where}: {uri}: {code}"
        return UsageError(line, then=_REFUSED[code]) if code in _REFUSED else RetryableError(line)


def split(uri: str) -> tuple[str, str]:
    """`s3a://bucket/key` → bucket, key."""
    bucket, _, key = uri.removeprefix("s3a://").partition("/")
    return bucket, key


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
