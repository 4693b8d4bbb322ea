"""Where AWS's clients find credentials, on loopback: a profile's file, a container's and an instance's metadata, STS.

All give temporary keys of the jobs' account, which the object store itself has made.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import boto3

from tests.kit.harness import Daybook

ROLE = "daybook"
TOKEN = "web-identity-token"
_XML = "https://sts.amazonaws.com/doc/2011-06-15/"


@dataclass(frozen=True)
class Keys:
    """Temporary keys: none of the three does anything alone."""

    access_key: str
    secret_key: str
    token: str

    def as_json(self) -> str:
        """As metadata services tell them."""
        until = datetime.now(UTC) + timedelta(hours=1)
        return json.dumps({
            "Code": "Success", "Type": "AWS-HMAC", "LastUpdated": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "AccessKeyId": self.access_key, "SecretAccessKey": self.secret_key, "Token": self.token,
            "Expiration": f"{until:%Y-%m-%dT%H:%M:%SZ}",
        })  # fmt: skip

    def as_xml(self) -> str:
        """As STS tells them to whoever comes with a token."""
        until = datetime.now(UTC) + timedelta(hours=1)
        return (
            f'<AssumeRoleWithWebIdentityResponse xmlns="{_XML}"><AssumeRoleWithWebIdentityResult><Credentials>'
            f"<AccessKeyId>{self.access_key}</AccessKeyId><SecretAccessKey>{self.secret_key}</SecretAccessKey>"
            f"<SessionToken>{self.token}</SessionToken><Expiration>{until:%Y-%m-%dT%H:%M:%SZ}</Expiration>"
            "</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"
        )


def temporary(daybook: Daybook, account: str) -> Keys:
    """Keys for an hour, of the object store's own STS."""
    settings = daybook.stack.settings(account)
    sts: Any = boto3.Session().client(
        "sts", endpoint_url=settings["AWS_ENDPOINT_URL_S3"], region_name="us-east-1",
        aws_access_key_id=settings["AWS_ACCESS_KEY_ID"], aws_secret_access_key=settings["AWS_SECRET_ACCESS_KEY"],
    )  # fmt: skip
    found = sts.assume_role(RoleArn=f"arn:aws:iam::000000000000:role/{ROLE}", RoleSessionName=ROLE)["Credentials"]
    return Keys(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])


@contextmanager
def metadata(keys: Keys) -> Iterator[str]:
    """A server that gives the keys as a container's, an instance's and STS's would; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            self.answer("session")

        def do_GET(self) -> None:
            self.answer(ROLE if self.path.endswith("/security-credentials/") else keys.as_json())

        def do_POST(self) -> None:
            asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            assert asked["WebIdentityToken"] == [TOKEN], "it is the file's"
            self.answer(keys.as_xml())

        def answer(self, body: str) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def kinds(keys: Keys, address: str, folder: Path) -> dict[str, dict[str, str]]:
    """Kind of credential → the environment that leads to it."""
    (folder / "token").write_text(TOKEN)
    (folder / "credentials").write_text(
        f"[work]\naws_access_key_id = {keys.access_key}\naws_secret_access_key = {keys.secret_key}\n"
        f"aws_session_token = {keys.token}\n"
    )
    return {
        "environment": {
            "AWS_ACCESS_KEY_ID": keys.access_key, "AWS_SECRET_ACCESS_KEY": keys.secret_key,
            "AWS_SESSION_TOKEN": keys.token,
        },
        "profile": {"AWS_PROFILE": "work", "AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials")},
        "web identity": {
            "AWS_WEB_IDENTITY_TOKEN_FILE": str(folder / "token"), "AWS_ENDPOINT_URL_STS": address,
            "AWS_ROLE_ARN": f"arn:aws:iam::000000000000:role/{ROLE}",
        },
        "container": {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{address}/container"},
        "instance": {"AWS_EC2_METADATA_SERVICE_ENDPOINT": address},
    }  # fmt: skip
