"""A reverse proxy that ends TLS, as nginx or Caddy does: it sets X-Forwarded-Proto, and appends
whom it heard from to X-Forwarded-For, whatever stood there."""

from __future__ import annotations

import http.client
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class _Forwarding(BaseHTTPRequestHandler):
    backend: tuple[str, int]

    def _forward(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        heard = [*self.headers.get_all("x-forwarded-for", []), self.client_address[0]]
        connection = http.client.HTTPConnection(*self.backend, timeout=30)
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in {"x-forwarded-for", "x-forwarded-proto", "content-length"}:
                connection.putheader(name, value)
        connection.putheader("X-Forwarded-For", ", ".join(heard))
        connection.putheader("X-Forwarded-Proto", "https")
        connection.putheader("Content-Length", str(length))
        connection.endheaders(self.rfile.read(length))
        answer = connection.getresponse()
        text = answer.read()
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
        connection.close()

    do_GET = do_POST = _forward  # noqa: N815  # http.server's names

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def tls_proxy(backend: tuple[str, int], folder: Path) -> Iterator[tuple[str, ssl.SSLContext]]:
    """The proxy's URL, and what its clients trust, until the block ends."""
    certificate = _certificate(folder)
    handler = type("Forwarding", (_Forwarding,), {"backend": backend})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        trusts = ssl.create_default_context(cafile=str(certificate))
        yield f"https://127.0.0.1:{server.server_port}", trusts
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _certificate(folder: Path) -> Path:
    """A key and its own certificate for 127.0.0.1, good for an hour, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    here = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([here]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "proxy.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(secret + signed.public_bytes(serialization.Encoding.PEM))
    return file
