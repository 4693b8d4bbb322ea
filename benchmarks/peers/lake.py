"""The object store as a peer uses it: Daybook's files by their manifests, and a place of its own for results."""

import json
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from daybook.contracts import POSTGRES_TABLES
from daybook.contracts.model import POSTGRES_BATCH

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

REJECTED = ".rejected"  # what a peer adds to a table's name for the rows it rejects
_BATCH_OF = {table.name: POSTGRES_BATCH for table in POSTGRES_TABLES}
_AT_ONCE = 4
_PART = 16 << 20


@dataclass(frozen=True)
class Lake:
    """Daybook's lake as the settings name it, and the peer's results beside it."""

    into: str
    env: Mapping[str, str] = field(default_factory=lambda: os.environ)

    @cached_property
    def client(self) -> "S3Client":
        """The store, by the settings' account."""
        return boto3.client(
            "s3",
            endpoint_url=self.env.get("AWS_ENDPOINT_URL_S3"),
            region_name=self.env.get("AWS_REGION"),
            aws_access_key_id=self.env.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=self.env.get("AWS_SECRET_ACCESS_KEY"),
            config=Config(s3={"addressing_style": "path"}, max_pool_connections=4 * _AT_ONCE),
        )

    def manifest(self, layer: str, table: str, day: date) -> dict[str, Any] | None:
        """The manifest of Daybook's that holds a table-day; None if there is none."""
        name = _BATCH_OF.get(table, table) if layer == "bronze" else table
        bucket, key = _split(f"{self._root(layer)}/{name}/{day}/_MANIFEST.json")
        try:
            stored = self.client.get_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return None
            raise
        found: dict[str, Any] = json.load(stored["Body"])
        return found

    def live(self, layer: str, table: str, day: date, part: str = "files") -> list[str]:
        """The names of Daybook's live files of a table-day, or of its `rejected_files`."""
        found = self.manifest(layer, table, day)
        return [f"{self._root(layer)}/{file['name']}" for file in found["tables"][table][part]] if found else []

    def _root(self, layer: str) -> str:
        return self.env.get(f"DAYBOOK_{layer.upper()}", f"s3a://{layer}")

    def own(self, layer: str, table: str, day: date) -> list[str]:
        """The names of the peer's own files of a table-day."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=layer, Prefix=self._key(table, day, ""))
        return [f"s3a://{layer}/{entry['Key']}" for page in pages for entry in page.get("Contents", ())]

    def fetch(self, names: Sequence[str], folder: Path) -> list[str]:
        """Download files, several at once; return where they are."""
        folder.mkdir(parents=True, exist_ok=True)
        targets = [str(folder / name.partition("://")[2].replace("/", "_")) for name in names]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(self._download, names, targets))
        return targets

    def _download(self, name: str, target: str) -> None:
        self.client.download_file(*_split(name), target)

    def put(self, layer: str, table: str, day: date, file: Path) -> None:
        """Upload a file of results."""
        self.client.upload_file(str(file), layer, self._key(table, day, file.name))

    def stream(self, layer: str, table: str, day: date, name: str) -> "Stream":
        """A file of results that is uploaded while it is written."""
        return Stream(self.client, layer, self._key(table, day, name))

    def _key(self, table: str, day: date, name: str) -> str:
        return f"peers/{self.into}/{table}/{day}/{name}"


class Stream:
    """A file in the store, written in parts; a part travels while the next one is made."""

    def __init__(self, client: "S3Client", bucket: str, key: str) -> None:
        self._client, self._bucket, self._key = client, bucket, key
        self._waiting, self._parts = bytearray(), list[Future[dict[str, Any]]]()
        self._pool, self._upload = ThreadPoolExecutor(1), ""

    def write(self, data: bytes) -> int:
        """Take bytes; send what makes a part."""
        self._waiting += data
        if len(self._waiting) >= _PART:
            self._send()
        return len(data)

    def close(self) -> None:
        """Send the rest; the file is there from now on. A small one goes in one request."""
        if not self._upload:
            self._client.put_object(Bucket=self._bucket, Key=self._key, Body=bytes(self._waiting))
        else:
            self._send()
            parts: Any = [part.result() for part in self._parts]
            self._client.complete_multipart_upload(
                Bucket=self._bucket, Key=self._key, UploadId=self._upload, MultipartUpload={"Parts": parts}
            )
        self._pool.shutdown()

    def _send(self) -> None:
        if not self._upload:
            self._upload = self._client.create_multipart_upload(Bucket=self._bucket, Key=self._key)["UploadId"]
        if len(self._parts) > 1:
            self._parts[-2].result()  # no more than two parts in memory beside the one that is filled
        self._parts.append(self._pool.submit(self._part, len(self._parts) + 1, bytes(self._waiting)))
        self._waiting.clear()

    def _part(self, number: int, body: bytes) -> dict[str, Any]:
        sent = self._client.upload_part(
            Bucket=self._bucket, Key=self._key, UploadId=self._upload, PartNumber=number, Body=body
        )
        return {"PartNumber": number, "ETag": sent["ETag"]}


def _split(name: str) -> tuple[str, str]:
    bucket, _, key = name.removeprefix("s3a://").partition("/")
    return bucket, key
