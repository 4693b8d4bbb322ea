"""The words of Java exceptions, told without what says nothing to their reader."""

import pytest

from daybook import java_errors

DRIVER = "com.datastax.oss.driver"


@pytest.mark.parametrize(
    "line",
    [
        f"{DRIVER}.api.core.NoNodeAvailableException: No node was available to execute the query",
        f"{DRIVER}.api.core.AllNodesFailedException: Could not reach any contact point (showing first 1 nodes)",
        f"{DRIVER}.api.core.connection.ClosedConnectionException: Unexpected error on channel",
        f"{DRIVER}.shaded.netty.channel.StacklessClosedChannelException",
        "java.nio.channels.ClosedChannelException",
        f"{DRIVER}.api.core.connection.HeartbeatException",
        f"{DRIVER}.api.core.connection.ConnectionInitException: [/127.0.0.1:9042] cannot send",
        "java.io.IOException: Connection reset by peer",
    ],
)
def test_a_node_that_is_gone_reads_the_same_whichever_exception_comes_first(line: str) -> None:
    assert java_errors.told(line) == "not reached"


def test_a_refusal_quoted_by_the_driver_is_told_in_the_servers_words() -> None:
    line = f"{DRIVER}.api.core.AllNodesFailedException: [{DRIVER}.api.core.servererrors.ReadFailureException: too old]"
    assert java_errors.told(line) == "too old"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("org.postgresql.util.PSQLException: FATAL: password is wrong", "password is wrong"),
        ("java.net.ConnectException: Connection to 127.0.0.1:1 refused", "Connection to 127.0.0.1:1 refused"),
        ("a.b.C: ", "a.b.C: "),
    ],
)
def test_the_class_and_the_severity_are_left_away_unless_they_are_all_there_is(line: str, told: str) -> None:
    assert java_errors.told(line) == told
