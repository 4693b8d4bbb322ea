"""The client of S3's interface, as the lake needs it: how often it tries, how many connections, whose certificates."""

from typing import Any

import boto3
from botocore.config import Config

from daybook.settings import ca_bundle, region

# Two table-days at once read, copy or list by eight threads each; with fewer urllib3 warns that it throws some away.
_CONNECTIONS = 32


def client(session: boto3.Session, endpoint: str | None, agent: str, tries: int) -> Any:  # noqa: ANN401 -- no types
    """Return a client that names the run as `agent` and makes at most so many `tries`."""
    return session.client(
        "s3",
        endpoint_url=endpoint,
        region_name=region(),
        verify=ca_bundle() or True,
        config=Config(
            retries={"mode": "standard", "total_max_attempts": tries},
            connect_timeout=5,
            max_pool_connections=_CONNECTIONS,
            ignore_configured_endpoint_urls=True,  # type: ignore[call-arg] # S3A reads no profile's
            user_agent_extra=agent,
            s3={"addressing_style": "path"} if endpoint else None,
        ),
    )
