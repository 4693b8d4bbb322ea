"""What the object store's refusals and its client's errors mean: by the store's code, and by the client's class."""

import re
import ssl
from collections.abc import Mapping, Sequence

from botocore import exceptions as client
from botocore.exceptions import BotoCoreError, ClientError
from urllib3.util.ssl_match_hostname import CertificateError

from daybook.errors import WHEN_UP, DataError, DaybookError, RetryableError, UsageError
from daybook.failures import causes
from daybook.failures.causes import Cause

# Java's client, and Hadoop's file system above it.
CLIENTS = ("com.amazonaws.", "org.apache.hadoop.fs.s3a.")
_ANSWER = "com.amazonaws.AmazonServiceException"
_NO_KEYS = "org.apache.hadoop.fs.s3a.auth.NoAuthWithAWSException"
_AGAIN = "see that the server is up and AWS_ENDPOINT_URL_S3 is its address, then run the same command again"
# Who may not see a bucket is not told that it is missing.
_RIGHTS = "see that the bucket is there, and grant it (README, “Your own databases”)"
_SERVERS_FAULT = 500
_BUCKET = "make the bucket, or name another by DAYBOOK_BRONZE, DAYBOOK_SILVER or DAYBOOK_GOLD"
_TOKEN = "renew AWS_SESSION_TOKEN and its two keys, or unset all three for a role"
_CLOCK = "set this machine's clock (NTP)"
_REGION = "correct AWS_REGION"
_KEY = "let this account use the key that the bucket is encrypted with (KMS), or enable it"
_ACCOUNT = "ask who owns the account of the store"
BUSY = "see that the store is up and not overloaded, then run the same command again"
_ROOM = "make room in the store, then run the same command again"
LACKING = "use a store with conditional writes (docs/lake.md, “Which object store”)"
_ROLE = "see that AWS_ROLE_ARN trusts the identity in AWS_WEB_IDENTITY_TOKEN_FILE"
_PROFILE = "correct AWS_PROFILE or unset it"
_FILE = "correct the file (AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE, ~/.aws)"
_TRUST = "name the CA that signed the store's certificate by AWS_CA_BUNDLE, or ask for another certificate"
_LOGIN = "log in again (aws sso login)"
_NOTHING = (
    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or give this machine or pod a role"
    " (local stack: `. .local/env`)"
)

# The codes of S3's, STS's and MinIO's answers. What is not listed may pass.
CODES: Mapping[str, tuple[type[DaybookError], str]] = {
    "AccessDenied": (UsageError, _RIGHTS),
    "403": (UsageError, _RIGHTS),
    "InvalidAccessKeyId": (UsageError, "correct AWS_ACCESS_KEY_ID"),
    "SignatureDoesNotMatch": (UsageError, "correct AWS_SECRET_ACCESS_KEY"),
    "ExpiredToken": (UsageError, _TOKEN),
    "ExpiredTokenException": (UsageError, _ROLE),
    "InvalidToken": (UsageError, _TOKEN),
    "InvalidTokenId": (UsageError, _TOKEN),
    "InvalidIdentityToken": (UsageError, _ROLE),
    "IDPRejectedClaim": (UsageError, _ROLE),
    "NoSuchBucket": (UsageError, _BUCKET),
    "InvalidBucketName": (UsageError, _BUCKET),
    "PermanentRedirect": (UsageError, _REGION),
    "AuthorizationHeaderMalformed": (UsageError, _REGION),
    "IllegalLocationConstraintException": (UsageError, _REGION),
    "RequestTimeTooSkewed": (UsageError, _CLOCK),
    "RequestExpired": (UsageError, _CLOCK),
    "AccountProblem": (UsageError, _ACCOUNT),
    "AllAccessDisabled": (UsageError, _ACCOUNT),
    "NotSignedUp": (UsageError, _ACCOUNT),
    "KMS.DisabledException": (UsageError, _KEY),
    "KMS.NotFoundException": (UsageError, _KEY),
    "KMS.KMSInvalidStateException": (UsageError, _KEY),
    "MethodNotAllowed": (UsageError, LACKING),
    "NotImplemented": (UsageError, LACKING),
    "InvalidObjectState": (DataError, "bring the object back from its archive class, then run the same command again"),
    "SlowDown": (RetryableError, BUSY),
    "ServiceUnavailable": (RetryableError, BUSY),
    "QuotaExceeded": (RetryableError, _ROOM),
    "507": (RetryableError, _ROOM),
    "XMinioStorageFull": (RetryableError, _ROOM),
    "XMinioAdminBucketQuotaExceeded": (RetryableError, _ROOM),
}

# The client's own errors, the narrower class before the wider one; the text is what is said instead of its own words,
# which may quote what a program that gives keys has printed.
_CLASSES: tuple[tuple[type[Exception], type[DaybookError], str, str | None], ...] = (
    (client.NoCredentialsError, UsageError, _NOTHING, "no credentials: none in AWS_ACCESS_KEY_ID and "
     "AWS_SECRET_ACCESS_KEY, a profile, a web identity, a container's or an instance's role"),
    (client.PartialCredentialsError, UsageError, "set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or none", None),
    (client.ProfileNotFound, UsageError, _PROFILE, None),
    (client.ConfigParseError, UsageError, _FILE, None),
    (client.ConfigNotFound, UsageError, _FILE, None),
    (client.InvalidConfigError, UsageError, _FILE, None),
    (client.InfiniteLoopConfigError, UsageError, _FILE, None),
    (client.UnknownCredentialError, UsageError, _FILE, None),
    (client.InvalidRegionError, UsageError, _REGION, None),
    (client.NoRegionError, UsageError, _REGION, None),
    (client.InvalidIMDSEndpointError, UsageError, "correct AWS_EC2_METADATA_SERVICE_ENDPOINT", "{name}"),
    (client.SSOError, UsageError, _LOGIN, "{name}"),
    (client.LoginError, UsageError, _LOGIN, "{name}"),
    (client.TokenRetrievalError, UsageError, _LOGIN, "{name}"),
    (client.SSLError, RetryableError, _AGAIN, "not reached (TLS failed)"),
    (client.ConnectionClosedError, RetryableError, _AGAIN, "not reached (it hung up)"),
    (client.ConnectTimeoutError, RetryableError, _AGAIN, "not reached (no answer in time)"),
    (client.ReadTimeoutError, RetryableError, _AGAIN, "not reached (no answer in time)"),
    (client.ConnectionError, RetryableError, _AGAIN, "not reached (nobody answers)"),
    (client.HTTPClientError, RetryableError, _AGAIN, "not reached (nobody answers)"),
    # a role that cannot be asked now, and whatever else the client comes to know
    (BotoCoreError, RetryableError, RetryableError.then, "{name}"),
)  # fmt: skip


def explained(error: ClientError | BotoCoreError, where: str, uri: str | None = None) -> DaybookError:
    """What a failure of the store or its client means; `uri` is the object it was about."""
    if isinstance(error, ClientError):
        code = code_of(error)
        kind, then = CODES.get(code, (RetryableError, RetryableError.then))
        return kind(": ".join(filter(None, (where, uri, code))), then=then)
    if refused := _certificate(error):
        return UsageError(f"{where}: boto3 does not trust the store's certificate: {refused}", then=_TRUST)
    kind, then, text = next((k, n, t) for of, k, n, t in _CLASSES if isinstance(error, of))
    said = text.format(name=type(error).__name__) if text else " ".join(str(error).split())
    return kind(f"{where}: {said}", then=then)


def _certificate(error: BaseException | None) -> str | None:
    """What is wrong with the certificate, if that is the cause; that of another host urllib3 finds by itself."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error.verify_message
        if isinstance(error, CertificateError):
            return "it is another host's"
        error = error.__cause__ or error.__context__
    return None


def is_refusal(error: ClientError | BotoCoreError) -> bool:
    """Whether nothing was done, for sure: no request was sent, or the store says no by a code that is its own.

    A 503 without one may be a proxy's, whose store goes on meanwhile.
    """
    if isinstance(error, ClientError):
        return status_of(error) < _SERVERS_FAULT or code_of(error) in CODES
    sent = isinstance(error, client.ConnectionError | client.HTTPClientError)
    return not sent or isinstance(error, client.EndpointConnectionError | client.ConnectTimeoutError)


def is_conflict(error: ClientError | BotoCoreError) -> bool:
    """Whether a conditional write found another state than the one it was made for."""
    return isinstance(error, ClientError) and status_of(error) in (404, 409, 412) and code_of(error) != "NoSuchBucket"


def is_passing(error: ClientError | BotoCoreError) -> bool:
    """Whether the same request, refused for load or for another one at the same moment, may pass in a second."""
    if isinstance(error, ClientError):
        return status_of(error) in (409, 503)
    return isinstance(error, client.EndpointConnectionError | client.ConnectTimeoutError)


def of_java(where: str, found: Sequence[Cause]) -> DaybookError:
    """The failure that the store or Java's client tells of, by the same codes."""
    place = ": ".join(filter(None, (where, _path(found))))
    if answer := causes.last(found, _ANSWER):
        code = answer.java.getErrorCode() or ""
        # to a question that has no body the client makes a code of the status: 403 Forbidden
        status, _, words = code.partition(" ")
        kind, then = CODES.get(status, (RetryableError, WHEN_UP))
        return kind(f"{place}: {words or code}", then=then)
    if causes.last(found, "java.security.cert.", "javax.net.ssl.SSLPeerUnverifiedException"):
        return UsageError(f"{place}: S3A does not trust the store's certificate", then=_TRUST)
    if causes.last(found, _NO_KEYS):
        return UsageError(f"{place}: no credentials on an executor", then=_NOTHING)
    return RetryableError(f"{place}: {found[-1].name}", then=WHEN_UP)


def _path(found: Sequence[Cause]) -> str | None:
    """The first object named; of an attempt's folder the table-day it was for."""
    messages = " ".join(cause.message for cause in found)
    path = re.search(r"s3a://[\w./-]+?(?=/_attempts/|/?[^\w./-]|\.? |\.?$)", messages)
    return path.group() if path else None


def code_of(error: ClientError) -> str:
    """The store's own code of its refusal."""
    return str(error.response.get("Error", {}).get("Code", ""))


def status_of(error: ClientError) -> int:
    """The HTTP status of the store's answer."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
