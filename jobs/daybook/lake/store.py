"""The object store, by the few calls that publication needs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionError, HTTPClientError, NoCredentialsError

from daybook.errors import RetryableError, UsageError

# One server-side copy call moves up to 5 GB; only above that is multipart needed.
_COPY = TransferConfig(multipart_threshold=5 * 1024**3 - 1, multipart_chunksize=1024**3)
_NOT_REACHED = (ConnectionError, HTTPClientError, NoCredentialsError)
_REFUSED = {"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "403"}


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
        self._endpoint = endpoint or "the AWS endpoint"
        self._s3: Any = boto3.client(
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

    def _explained(self, error: Exception, uri: str) -> Exception:
        if isinstance(error, ClientError):
            code = _code(error)
            if code in _REFUSED:
                return UsageError(f"object store {self._endpoint}: {uri}: {code} for this access key")
            if code == "NoSuchBucket":
                return UsageError(f"object store {self._endpoint}: bucket of {uri} does not exist")
            return RetryableError(f"object store {self._endpoint}: {uri}: {code}")
        return RetryableError(f"object store {self._endpoint}: not reached ({type(error).__name__})")


def split(uri: str) -> tuple[str, str]:
    """`s3a://bucket/key` → bucket, key."""
    bucket, _, key = uri.removeprefix("s3a://").partition("/")
    return bucket, key


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
