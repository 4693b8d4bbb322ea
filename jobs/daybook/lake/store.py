"""The object store, by the few calls that publication needs."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email.utils import parsedate_to_datetime
from random import random
from typing import Any

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from daybook.errors import DaybookError
from daybook.failures import store as failures
from daybook.failures.store import BUSY, code_of
from daybook.lake import lifecycle
from daybook.lake.objects import ConflictError, Found, Listed, Stored, UnknownOutcomeError, split
from daybook.lake.s3_client import client
from daybook.settings import object_store

_TRIES = 3
# One server-side copy call moves up to 5 GB; only above that is multipart needed.
_COPY = TransferConfig(multipart_threshold=5 * 1024**3 - 1, multipart_chunksize=1024**3)


class Store:
    """S3 as a key-value store; objects are named by their `s3a://bucket/key`."""

    def __init__(self, endpoint: str | None, agent: str) -> None:
        """Find credentials, as AWS's tools do: keys of the environment, profile, web identity, a machine's role.

        `agent` is how the run names itself to the store.

        Raises:
            UsageError: there are none, or the profile or region is none.
            RetryableError: who gives them does not answer.
        """
        self._where = object_store(endpoint)
        with self._told():
            # A session of its own: the one boto3 shares would keep the keys of whoever asked first.
            session = boto3.Session()
            self._found: Any = session.get_credentials()
            if self._found is None:
                raise NoCredentialsError
            self._s3, self._once = (client(session, endpoint, agent, tries) for tries in (_TRIES, 1))

    def credentials(self) -> tuple[str, str, str | None]:
        """Access key, secret and token of this moment."""
        with self._told():
            now = self._found.get_frozen_credentials()
        return now.access_key, now.secret_key, now.token

    def get(self, uri: str) -> Stored | None:
        """The object, or None when there is none."""
        bucket, key = split(uri)
        found = None
        with self._told(uri):
            try:
                reply = self._s3.get_object(Bucket=bucket, Key=key)
                found = Stored(reply["Body"].read(), reply["ETag"])
            except ClientError as error:
                if code_of(error) != "NoSuchKey":
                    raise
        return found

    def put_if_unchanged(self, uri: str, body: bytes, etag: str | None) -> None:
        """Write the object if it still has `etag` (None: if it is still absent).

        Each try counts: after one whose reply was lost, another that is refused proves nothing.

        Raises:
            ConflictError: it has not.
            UnknownOutcomeError: a reply was lost.
            DaybookError: the store refuses it; nothing was written.
        """
        bucket, key = split(uri)
        condition = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
        lost: DaybookError | None = None
        for rest in reversed(range(_TRIES)):
            try:
                self._once.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json", **condition)
                return
            except (ClientError, BotoCoreError) as error:
                told, acted = failures.explained(error, self._where, uri), not failures.is_refusal(error)
                if failures.is_conflict(error):
                    told = ConflictError(str(told), told.then)
                lost = failures.explained(error, self._where) if acted else lost
                if not rest or not (acted or failures.is_passing(error)):
                    break
            time.sleep(random())
        if lost:
            raise UnknownOutcomeError(f"{lost}; {uri} may yet have been written", then=BUSY)
        raise told

    def put(self, uri: str, body: bytes) -> None:
        """Write the object, whatever was there."""
        bucket, key = split(uri)
        with self._told(uri):
            self._s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json")

    def copy(self, source: str, target: str) -> None:
        """Copy on the server side."""
        from_bucket, from_key = split(source)
        bucket, key = split(target)
        with self._told(target):
            self._s3.copy({"Bucket": from_bucket, "Key": from_key}, bucket, key, Config=_COPY)

    def sizes(self, folder: str) -> dict[str, int]:
        """The objects below a folder (or in a whole bucket), by their full name, with their bytes."""
        return {name: found.bytes for name, found in self.listed(folder).objects.items()}

    def listed(self, folder: str) -> Listed:
        """The objects below a folder (or in a whole bucket), by their full name, as of the list's first page."""
        bucket, prefix = split(folder)
        asked = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix and f"{prefix}/")
        with self._told(folder):
            pages = list(asked)
        objects = [found for page in pages for found in page.get("Contents", ())]
        at = parsedate_to_datetime(pages[0]["ResponseMetadata"]["HTTPHeaders"]["date"])
        named = {f"s3a://{bucket}/{each['Key']}": Found(each["Size"], each["LastModified"]) for each in objects}
        return Listed(named, at)

    def clock(self, folder: str) -> datetime:
        """What the store's own clock says; it must let one object below the folder be listed."""
        bucket, prefix = split(folder)
        with self._told(folder):
            reply = self._s3.list_objects_v2(Bucket=bucket, Prefix=prefix and f"{prefix}/", MaxKeys=1)
        return parsedate_to_datetime(reply["ResponseMetadata"]["HTTPHeaders"]["date"])

    def harmful_rules(self, folder: str) -> list[str]:
        """The lifecycle rules that take live files below the folder away.

        Raises:
            UsageError: they cannot be read.
        """
        return lifecycle.told(self._s3, folder)

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
    def _told(self, uri: str | None = None) -> Iterator[None]:
        """Tell the store's and its client's errors as ours, in one line each."""
        try:
            yield
        except (ClientError, BotoCoreError) as error:
            raise failures.explained(error, self._where, uri) from error
