"""A private certificate authority, and the certificate that it gave a server on 127.0.0.1, with its key."""

import subprocess
from pathlib import Path

from toolchain import places

_MAKE = """
import datetime, ipaddress, sys
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
def made(name, issuer, key, signer, extension):
    now, day = datetime.datetime.now(datetime.timezone.utc), datetime.timedelta(days=1)
    called = lambda n: x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, n)])
    builder = x509.CertificateBuilder().subject_name(called(name)).issuer_name(called(issuer))
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - day).not_valid_after(now + day)
    return builder.add_extension(extension, critical=True).sign(signer, hashes.SHA256())
ca, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
root = made("A private CA", "A private CA", ca, ca, x509.BasicConstraints(ca=True, path_length=None))
loopback = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
leaf = made("server", "A private CA", own, ca, loopback)
pem = serialization.Encoding.PEM
key = own.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
open(sys.argv[1], "wb").write(root.public_bytes(pem))
open(sys.argv[2], "wb").write(leaf.public_bytes(pem) + key)
"""


def authority(folder: Path) -> dict[str, Path]:
    """The CA's certificate; the server's, with its key behind it. Both are PEM files."""
    folder.mkdir(exist_ok=True)
    files = {"ca": folder / "ca.pem", "server": folder / "server.pem"}
    subprocess.run([places.python("airflow"), "-c", _MAKE, *files.values()], check=True)
    return files
