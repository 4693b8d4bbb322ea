"""A mail server and a Slack of the tests' own, on loopback: they keep what is sent to them."""

import html
import json
import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.header import decode_header, make_header
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from local.servers.ports import HOST, choose

SENDER, RECIPIENT = "daybook@example.com", "on-call@example.com"
# The password is this process's own: others of the run may tell theirs in an argument while this one looks at all.
USER, PASSWORD = "daybook", f"a mail server's password {secrets.token_hex(8)}"


@dataclass(frozen=True)
class Mail:
    """A message as it was received."""

    to: list[str]
    subject: str
    text: str


@dataclass
class MailServer:
    """A mail server that asks for a password; what it has received, in order."""

    port: int
    mails: list[Mail] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Keep the message."""
        told = message_from_bytes(envelope.content)
        bodies = [part.get_payload(decode=True) for part in told.walk() if part.get_content_type() == "text/html"]
        text = html.unescape(re.sub("</?pre>", "", b"".join(map(bytes, bodies)).decode()))
        self.mails.append(Mail(envelope.rcpt_tos, str(make_header(decode_header(told["Subject"]))), text))
        return "250 kept"

    def about(self, days: object) -> list[Mail]:
        """The messages on a night: its days begin their subject."""
        return [mail for mail in self.mails if mail.subject.startswith(f"Daybook {days}: ")]

    def connection(self, **changes: Any) -> str:
        """A connection of Airflow's that leads here, with changes to its extra."""
        extra = {"from_email": SENDER, "to": RECIPIENT, "disable_ssl": True, "disable_tls": True, "retry_limit": 0}
        return json.dumps(
            {"conn_type": "smtp", "host": HOST, "port": self.port, "login": USER, "password": PASSWORD}
            | {"extra": extra | changes}
        )


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """A mail server until the block ends."""

    def known(*given: Any) -> AuthResult:
        login = given[-1]
        expected = LoginPassword(USER.encode(), PASSWORD.encode())
        return AuthResult(success=login == expected)

    kept = MailServer(choose(["mail"], {})["mail"])
    controller = Controller(kept, HOST, kept.port, authenticator=known, auth_require_tls=False)
    controller.start()
    try:
        yield kept
    finally:
        controller.stop()


@contextmanager
def slack() -> Iterator[tuple[str, list[str]]]:
    """A Slack until the block ends: the connection that leads to it, and the texts that it has received."""
    texts: list[str] = []

    class Webhook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            texts.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"])
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with HTTPServer((HOST, 0), Webhook) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        where = {"conn_type": "slackwebhook", "host": f"http://{HOST}:{server.server_port}", "password": "T0/B0/secret"}
        yield json.dumps(where), texts
        server.shutdown()
