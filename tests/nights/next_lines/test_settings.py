"""A line that asks for another setting helps: with that corrected, the same command ends well."""

import pytest

from tests.kit.errors import places_of
from tests.kit.harness import Daybook
from tests.kit.sources import succeeds
from tests.kit.typed import OF_DAY, Typist, next_of
from toolchain import setup

# What is wrong in the settings, by job: what its line says to correct. Corrected, the same command ends well.
PG, CASS, GROUPS = (
    "extract_postgres --refresh",
    "extract_cassandra --table group_messages --refresh",
    "silver --table groups",
)
CORRECTED = [
    (PG, {"PGPORT": "54x"}, "correct it, then run the same command again"),
    (PG, {"PGPASSWORD": ""}, "export PGPASSWORD=… (local stack: `. .local/env`)"),
    (PG, {"PGPASSWORD": "wrong"}, "correct PGUSER or PGPASSWORD"),
    (PG, {"PGDATABASE": "sozial"}, "correct PGDATABASE"),
    (PG, {"PGSSLMODE": "require"}, "correct PGSSLMODE"),
    (PG, {"PGSSLMODE": "verify-full"}, "name the CA that signed the server's certificate by PGSSLROOTCERT"),
    (PG, {"PGHOST": "one,two"}, "name the host, such as localhost"),
    (PG, {"PGHOST": "daybook:canary@127.0.0.1"},
     "take it out: accounts and passwords have settings of their own (README)"),
    (PG, {"PGPORT": "1"}, "see that the server is up, then run the same command again"),
    (CASS, {"CASSANDRA_PASSWORD": "wrong"}, "correct CASSANDRA_USERNAME or CASSANDRA_PASSWORD"),
    (CASS, {"CASSANDRA_LOCAL_DC": "mars"}, "correct CASSANDRA_LOCAL_DC"),
    (CASS, {"CASSANDRA_PORT": "1"}, "see that the server is up, then run the same command again"),
    (CASS, {"CASSANDRA_SSL_TRUSTSTORE": __file__},
     "correct CASSANDRA_SSL_TRUSTSTORE or CASSANDRA_SSL_TRUSTSTORE_PASSWORD"),
    (CASS, {"CASSANDRA_SSL_TRUSTSTORE_PASSWORD": "x"},
     "name the truststore, or unset CASSANDRA_SSL_TRUSTSTORE_PASSWORD: then there is no TLS"),
    (CASS, {"CASSANDRA_SSL_KEYSTORE": __file__},
     "name the truststore, or unset CASSANDRA_SSL_KEYSTORE: then there is no TLS"),
    (CASS, {"CASSANDRA_PASSWORD_FILE": __file__}, "unset one of the two: CASSANDRA_PASSWORD"),
    (PG, {"PGPASSWORD_FILE": __file__, "PGPASSWORD": ""},
     "write the secret alone into the file that PGPASSWORD_FILE names, readable for this account"),
    (PG, {"PGPASSFILE": __file__}, "unset one of the two: PGPASSWORD (or PGPASSWORD_FILE)"),
    (PG, {"PGPASSFILE": __file__, "PGPASSWORD": ""}, 'chmod 600 "$PGPASSFILE"'),
    (PG, {"PGSSLCERT": __file__}, "export PGSSLKEY=…, or unset PGSSLCERT"),
    (CASS, {"CASSANDRA_SSL_TRUSTSTORE": "{trusted}", "CASSANDRA_SSL_TRUSTSTORE_PASSWORD": "changeit"},
     "correct CASSANDRA_SSL_TRUSTSTORE, or unset it for a cluster without TLS"),
    (GROUPS, {"AWS_ACCESS_KEY_ID": "{loader_key}", "AWS_SECRET_ACCESS_KEY": "{loader_secret}"},
     "see that the bucket is there, and grant it (README, “Your own databases”)"),
    (GROUPS, {"AWS_ACCESS_KEY_ID": "{admin_key}", "AWS_SECRET_ACCESS_KEY": "{admin_secret}",
              "DAYBOOK_SILVER": "s3a://no-such-bucket"},
     "make the bucket, or name another by DAYBOOK_BRONZE, DAYBOOK_SILVER or DAYBOOK_GOLD"),
    (GROUPS, {"AWS_PROFILE": "home"}, "correct AWS_PROFILE or unset it"),
    (GROUPS, {"AWS_CONFIG_FILE": __file__}, "correct the file (AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE, ~/.aws)"),
    (GROUPS, {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_EC2_METADATA_DISABLED": "true"},
     "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or give this machine or pod a role (local "
     "stack: `. .local/env`)"),
    (GROUPS, {"AWS_SECRET_ACCESS_KEY": "wrong"}, "correct AWS_SECRET_ACCESS_KEY"),
    (GROUPS, {"AWS_ACCESS_KEY_ID": "wrong"}, "correct AWS_ACCESS_KEY_ID"),
    (GROUPS, {"AWS_SECRET_ACCESS_KEY": ""}, "set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or none"),
    (GROUPS, {"AWS_REGION": "eu west"}, "correct AWS_REGION"),
    (GROUPS, {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1"},
     "see that the server is up and AWS_ENDPOINT_URL_S3 is its address, then run the same command again"),
    (GROUPS, {"DAYBOOK_BRONZE": "s3a://one", "DAYBOOK_SILVER": "s3a://one"},
     "give each a place of its own, none inside another"),
    (GROUPS, {"DAYBOOK_EXCHANGE_RATES": "/no/rates.csv"}, "mend the file, or set DAYBOOK_EXCHANGE_RATES to another"),
    (GROUPS, {"DAYBOOK_EXCHANGE_RATES": "{own_rates}"}, "take the line out"),
    (GROUPS, {"DAYBOOK_REPORTING_CURRENCY": "USD"},
     "set DAYBOOK_EXCHANGE_RATES to a file in USD (make rates FILE=eurofxref-hist.csv BASE=USD)"),
    ("gold", {"DAYBOOK_SUCCESS_STATES": ","},
     "write the states with commas between them: DAYBOOK_SUCCESS_STATES=CLICKED,READ"),
    ("load_duckdb", {"DUCKDB_PATH": "{home}/duckdb"}, "set DUCKDB_PATH to a file"),
    ("load_duckdb", {"DUCKDB_PATH": "/tmp/daybook"}, "give the file another name"),
]  # fmt: skip


@pytest.mark.parametrize(("job", "wrong", "said"), CORRECTED, ids=lambda value: str(value)[:60])
def test_a_setting_that_the_line_names_is_corrected_and_the_same_command_ends_well(
    typist: Typist, daybook: Daybook, job: str, wrong: dict[str, str], said: str
) -> None:
    words = places_of(daybook) | {
        "trusted": f"{setup.load().java_home}/lib/security/cacerts",
    }  # fmt: skip
    wrong = {setting: value.format(**words) for setting, value in wrong.items()}
    name, *more = job.split()
    lake = daybook.own_lake("next_lines_settings") if "extract" in name else {}
    failed = typist.run(name, *OF_DAY, *more, **lake | wrong)
    assert failed.code and next_of(failed.last_line) == said, failed.output
    succeeds(typist.run(name, *OF_DAY, *more, **lake))
