"""A secret from a file, from a variable, or from libpq's file of passwords: one of them, and never two."""

from pathlib import Path

import pytest

from daybook import settings
from daybook.errors import UsageError
from daybook.settings import passfile

SECRETS = (
    "PGPASSWORD", "CASSANDRA_PASSWORD", "CASSANDRA_SSL_TRUSTSTORE_PASSWORD", "CASSANDRA_SSL_KEYSTORE_PASSWORD",
    "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
)  # fmt: skip


def held(path: Path, text: bytes) -> str:
    path.write_bytes(text)
    return str(path)


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_what_its_file_holds_without_the_line_break_at_its_end(name: str, tmp_path: Path) -> None:
    for text, secret in ((b"s3cret\n", "s3cret"), (b" a b:c\\ ", " a b:c\\ "), ("pä\r\n".encode(), "pä")):
        env = {f"{name}_FILE": held(tmp_path / "secret", text)}
        settings.take_from_files(env)
        assert env[name] == secret


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_that_is_given_twice_is_refused_by_both_names(name: str, tmp_path: Path) -> None:
    env = {name: "canary", f"{name}_FILE": held(tmp_path / "secret", b"canary")}
    with pytest.raises(UsageError) as refused:
        settings.take_from_files(env)
    assert str(refused.value) == f"settings {name} and {name}_FILE are both there"
    assert refused.value.then == f"unset one of the two: {name}"


@pytest.mark.parametrize(
    ("text", "what"),
    [(b"", "holds nothing"), (b"\n", "holds nothing"), (b"canary\nmore\n", "holds several lines"),
     (b"canary\xff", "is no text in UTF-8"), (b"canary\x00", "holds several lines")],
)  # fmt: skip
def test_a_file_that_holds_no_secret_is_refused_and_nothing_of_it_is_told(
    text: bytes, what: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError) as refused:
        settings.take_from_files({"PGPASSWORD_FILE": held(tmp_path / "secret", text)})
    assert str(refused.value) == f"setting PGPASSWORD_FILE: the file {what}"
    assert "canary" not in refused.value.then


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match="setting PGPASSWORD_FILE names no file"):
        settings.take_from_files({"PGPASSWORD_FILE": "/nonexistent/secret"})


def test_an_empty_variable_beside_the_file_counts_as_unset(tmp_path: Path) -> None:
    env = {"PGPASSWORD": "", "PGPASSWORD_FILE": held(tmp_path / "secret", b"x")}
    settings.take_from_files(env)
    assert env["PGPASSWORD"] == "x"


def of_passfile(tmp_path: Path, text: str, mode: int = 0o600) -> str | None:
    path = Path(held(tmp_path / "pgpass", text.encode()))
    path.chmod(mode)
    return passfile.password({"PGPASSFILE": str(path)}, "db.example.com", 5432, "social", "reader")


@pytest.mark.parametrize(
    ("text", "password"),
    [
        ("db.example.com:5432:social:reader:p\n", "p"),
        ("*:*:*:*:p", "p"),
        ("# a comment\nother:5432:social:reader:no\n*:5432:*:reader:first\n*:*:*:*:second\n", "first"),
        (r"db.example.com:5432:social:reader:a\:b\\c" + "\n", r"a:b\c"),
        ("db.example.com:5432:social:reader:p:and what libpq does not read\n", "p"),
        ("too:few:fields\n*:5432:social:reader:p ä \n", "p ä "),
        ("*:*:*:*:p\x0bq\\", "p\x0bq\\"),
    ],
)
def test_the_password_is_that_of_the_first_line_that_fits_as_libpq_reads_it(
    text: str, password: str, tmp_path: Path
) -> None:
    assert of_passfile(tmp_path, text) == password


def test_a_passfile_without_a_line_that_fits_is_refused_and_nothing_of_it_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        of_passfile(tmp_path, "db.example.com:5433:social:reader:canary\nother:*:*:*:canary\n")
    assert "no line of the file fits" in str(refused.value) and "canary" not in str(refused.value)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_passfile_that_others_may_read_is_refused_as_libpq_ignores_it(tmp_path: Path, mode: int) -> None:
    with pytest.raises(UsageError) as refused:
        of_passfile(tmp_path, "*:*:*:*:p", mode)
    assert refused.value.then == 'chmod 600 "$PGPASSFILE"'


def test_a_passfile_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    path = Path(held(tmp_path / "pgpass", b"*:*:*:*:\xff"))
    path.chmod(0o600)
    with pytest.raises(UsageError) as refused:
        passfile.password({"PGPASSFILE": str(path)}, "h", 1, "d", "u")
    assert refused.value.then == "let this account read it"


@pytest.mark.parametrize("name", ["PGPASSWORD", "PGPASSWORD_FILE"])
def test_a_passfile_beside_another_password_is_refused(name: str, tmp_path: Path) -> None:
    path = Path(held(tmp_path / "pgpass", b"*:*:*:*:p"))
    path.chmod(0o600)
    env = {"PGHOST": "h", "PGDATABASE": "d", "PGUSER": "u", "PGPASSFILE": str(path)}
    assert settings.postgres(env).password == "p"
    env[name] = held(tmp_path / "secret", b"p") if name.endswith("_FILE") else "p"
    settings.take_from_files(env)
    with pytest.raises(UsageError, match="settings PGPASSWORD and PGPASSFILE are both there"):
        settings.postgres(env)


def test_who_has_a_certificate_needs_no_password_and_both_its_files(tmp_path: Path) -> None:
    env = {"PGHOST": "h", "PGDATABASE": "d", "PGUSER": "u"}
    cert, key = (held(tmp_path / name, b"x") for name in ("client.pem", "client.pk8"))
    Path(key).chmod(0o644)
    with pytest.raises(UsageError) as refused:
        settings.postgres({**env, "PGSSLCERT": cert, "PGSSLKEY": key})
    assert refused.value.then == 'chmod 600 "$PGSSLKEY"'
    Path(key).chmod(0o600)
    found = settings.postgres({**env, "PGSSLCERT": cert, "PGSSLKEY": key})
    assert (found.sslcert, found.sslkey, found.password) == (cert, key, "")
    for given, missing in (("PGSSLCERT", "PGSSLKEY"), ("PGSSLKEY", "PGSSLCERT")):
        with pytest.raises(UsageError, match=f"setting {given} is there without {missing}"):
            settings.postgres({**env, "PGPASSWORD": "p", given: cert})


def test_a_token_in_a_file_beside_a_key_that_is_in_none_is_refused(tmp_path: Path) -> None:
    env = {"AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN_FILE": held(tmp_path / "token", b"t")}
    with pytest.raises(UsageError, match="AWS_SESSION_TOKEN_FILE belongs to a key that is not in a file"):
        settings.take_from_files(env)
