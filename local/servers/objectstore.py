"""What all object stores of the local stack have in common."""

from local.servers.ports import HOST
from local.state import State

BUCKETS = ("bronze", "silver", "gold")
REGION = "us-east-1"
ADMIN = "daybook-root"


def endpoint(state: State) -> str:
    """Return the address that S3 clients use."""
    return f"http://{HOST}:{state.ports[state.store]}"
