"""A private certificate authority, and what it gave servers on 127.0.0.1 and their clients, right and wrong."""

import subprocess
from pathlib import Path

from toolchain import places, setup

PASSWORD = "changeit"  # of the key stores
CLIENT = "certified"  # whom the client's certificate names
_MAKE = """
import datetime, ipaddress, pathlib, sys
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization as form
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12

folder, client = pathlib.Path(sys.argv[1]), sys.argv[2]
now, day = datetime.datetime.now(datetime.timezone.utc), datetime.timedelta(days=1)
called = lambda name: x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
loopback = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
elsewhere = x509.SubjectAlternativeName([x509.DNSName("elsewhere.example")])
is_ca, is_none = (x509.BasicConstraints(ca=each, path_length=None) for each in (True, False))

def new_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)

def made(file, name, issuer, signer, extension, ended=False):
    key = new_key()
    end = now - day if ended else now + day
    builder = x509.CertificateBuilder().subject_name(called(name)).issuer_name(called(issuer))
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - 3 * day).not_valid_after(end).add_extension(extension, critical=True)
    certificate = builder.sign(signer or key, hashes.SHA256())
    pem = certificate.public_bytes(form.Encoding.PEM)
    plain = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    der = key.private_bytes(form.Encoding.DER, form.PrivateFormat.PKCS8, form.NoEncryption())
    locked = pkcs12.serialize_key_and_certificates(
        b"own", key, certificate, None, form.BestAvailableEncryption(sys.argv[3].encode())
    )
    both = pem if file.endswith("ca") else pem + plain
    for suffix, content in {"pem": both, "crt": pem, "key": plain, "pk8": der, "p12": locked}.items():
        path = folder / f"{file}.{suffix}"
        path.write_bytes(content)
        path.chmod(0o600)
    return key

ca, other = (made(file, file, file, None, is_ca) for file in ("ca", "other_ca"))
made("server", "server", "ca", ca, loopback)
made("self_signed", "server", "server", None, loopback)
made("expired", "server", "ca", ca, loopback, ended=True)
made("elsewhere", "elsewhere.example", "ca", ca, elsewhere)
made("client", client, "ca", ca, is_none)
made("stranger", client, "other_ca", other, is_none)
"""


def authority(folder: Path) -> dict[str, Path]:
    """The CA's certificate; the server's, with its key behind it. Both are PEM files."""
    made(folder)
    return {"ca": folder / "ca.pem", "server": folder / "server.pem"}


def made(folder: Path) -> Path:
    """A folder with all of them, each as `.crt`, `.key`, both in one `.pem`, `.pk8` and a key store `.p12`.

    The servers' are `server`, `self_signed`, `expired` and `elsewhere`; the clients' `client` and `stranger`, whom
    another CA has signed.
    """
    folder.mkdir(exist_ok=True)
    subprocess.run([places.python("airflow"), "-c", _MAKE, str(folder), CLIENT, PASSWORD], check=True)
    return folder


def truststore(ca: Path) -> Path:
    """The CA, as Java reads it without a password."""
    path = ca.with_suffix(".jks")
    line = [f"{setup.load().java_home}/bin/keytool", "-importcert", "-noprompt", "-file", str(ca)]
    line += ["-keystore", str(path), "-storetype", "JKS", "-storepass", PASSWORD]
    subprocess.run(line, check=True, capture_output=True)
    return path
