"""MinIO's users, by its administrator's interface."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from minio import MinioAdmin
from minio.credentials.providers import StaticProvider


def user(admin: Mapping[str, str], name: str, password: str, rights: dict[str, Any]) -> None:
    """Make or change one user with a policy of the same name."""
    console = MinioAdmin(
        endpoint=urlsplit(admin["AWS_ENDPOINT_URL_S3"]).netloc,
        credentials=StaticProvider(admin["AWS_ACCESS_KEY_ID"], admin["AWS_SECRET_ACCESS_KEY"]),
        region=admin["AWS_REGION"],
        secure=False,
    )
    console.user_add(name, password)
    console.policy_add(name, policy=rights)
    console.policy_set(name, user=name)
