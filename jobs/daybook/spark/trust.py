"""The CAs of AWS_CA_BUNDLE, which boto3 trusts by itself, also for S3A in this JVM.

They replace those of Java, as they do in boto3. PostgreSQL's and Cassandra's clients have settings of their own.
"""

import re
import ssl
from pathlib import Path
from typing import Any

from daybook.errors import UsageError

_OPTION = "javax.net.ssl.trustStore"
_BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_ON_EXECUTORS = (
    "give the executors' Java a truststore with the CA: -Djavax.net.ssl.trustStore=… in spark.executor.extraJavaOptions"
)


def share(jvm: Any, bundle: str | None) -> None:  # noqa: ANN401 -- py4j has no types
    """Let the JVM trust what the bundle names; a truststore that Java was given is left as it is.

    Raises:
        UsageError: there are executors on other machines, whose Java was given none.
    """
    if not bundle:
        return
    conf = jvm.org.apache.spark.SparkConf()
    remote = not re.fullmatch(r"local(\[.*\])?", conf.get("spark.master", "local"))
    if remote and _OPTION not in conf.get("spark.executor.extraJavaOptions", ""):
        raise UsageError("setting AWS_CA_BUNDLE is not read by S3A on executors", then=_ON_EXECUTORS)
    if not jvm.java.lang.System.getProperty(_OPTION):
        _set_default(jvm, _BLOCK.findall(Path(bundle).read_text(encoding="utf-8", errors="replace")))


def _set_default(jvm: Any, certificates: list[str]) -> None:  # noqa: ANN401 -- py4j has no types
    factory = jvm.java.security.cert.CertificateFactory.getInstance("X.509")
    trusted = jvm.java.security.KeyStore.getInstance("PKCS12")
    trusted.load(None, None)
    for number, pem in enumerate(certificates):
        der = jvm.java.io.ByteArrayInputStream(ssl.PEM_cert_to_DER_cert(pem))
        trusted.setCertificateEntry(str(number), factory.generateCertificate(der))
    managers = jvm.javax.net.ssl.TrustManagerFactory.getInstance("PKIX")
    managers.init(trusted)
    context = jvm.javax.net.ssl.SSLContext.getInstance("TLS")
    context.init(None, managers.getTrustManagers(), None)
    jvm.javax.net.ssl.SSLContext.setDefault(context)
