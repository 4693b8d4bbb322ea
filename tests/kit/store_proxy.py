"""A way to the object store, as a proxy or with TLS, on which somebody else may answer the writes of manifests."""

import http.client
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit


class Way:
    """What becomes of the writes of manifests: an answer for each, the last of them for all that follow."""

    def __init__(self, *answers: str) -> None:
        self.address, self.asked = "", 0
        self.clients: set[str] = set()
        self._answers = answers

    def next(self) -> str:
        """`pass`, `take and hang up`, `hang up`, or an HTTP status with or without the store's own code."""
        self.asked += 1
        return self._answers[min(self.asked, len(self._answers)) - 1]


@contextmanager
def way(endpoint: str | None, *answers: str, tls: Path | None = None, unconditional: bool = False) -> Iterator[Way]:
    """A way to the store until the block ends, by TLS with that certificate and key; but manifests, all pass.

    A store at the end of an `unconditional` one seems to know no conditions: it says of each write that it is done.
    """
    server, here = urlsplit(endpoint or "").netloc, Way(*answers)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if self.raw_requestline and self.parse_request():  # which answers `Expect: 100-continue`
                self.pass_on()

        def pass_on(self) -> None:
            here.clients.add("S3A" if "java" in self.headers["User-Agent"] else "boto3")
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"".join(self.chunks())
            manifest = self.command == "PUT" and self.path.endswith("_MANIFEST.json")
            self.answer(here.next() if manifest else "pass", body)

        def chunks(self) -> Iterator[bytes]:
            """The parts of a body that does not say how long it is, as boto3 writes by TLS."""
            while "Transfer-Encoding" in self.headers and (size := int(self.rfile.readline(), 16)):
                yield self.rfile.read(size)
                self.rfile.readline()

        def answer(self, how: str, body: bytes) -> None:
            status, _, code = how.partition(" ")
            if status.isdigit():
                told = f"<Error><Code>{code}</Code></Error>".encode() if code else b""
                self.reply(int(status), [("Content-Type", "application/xml")] if code else [], told)
            elif how != "hang up":
                upstream = http.client.HTTPConnection(server)
                headers = {
                    name: value for name, value in self.headers.items() if name not in ("Expect", "Transfer-Encoding")
                }
                upstream.request(self.command, self.path, body, headers)
                given = upstream.getresponse()
                content = given.read()
                if how == "pass":
                    if unconditional and given.status == http.client.PRECONDITION_FAILED:
                        self.reply(200, [("ETag", '"another"')], b"")
                    else:
                        self.reply(given.status, given.getheaders(), content)
                upstream.close()

        def reply(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
            own = ("transfer-encoding", "connection", "content-length")
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() not in own:
                    self.send_header(name, value)
            length = dict((name.lower(), value) for name, value in headers).get("content-length")
            self.send_header("Content-Length", length if self.command == "HEAD" and length else str(len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls)
            listening.socket = context.wrap_socket(listening.socket, server_side=True)
        here.address = f"{'https' if tls else 'http'}://127.0.0.1:{listening.server_port}"
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield here
        listening.shutdown()
