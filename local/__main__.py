"""The commands behind the Makefile: `python -m local <verb>`; `make help` lists them.

setup, lock, pins, rates, notebook and browser need nothing but a bare Python, and so do down and clean where no
server was started; the others need the dev environment.
"""

import argparse
import sys
from pathlib import Path

from local import ecb_rates, notebook
from local.deploying import pins
from local.stack import Stack
from toolchain import browser, jars_lock, kubernetes_build, places, python_envs, setup
from toolchain.report import LocalError, step


def main(arguments: list[str]) -> int:
    """Run one verb; a failure that explains itself ends with its message and exit code, mostly 1."""
    options = _parser().parse_args(arguments)
    try:
        return _dispatch(options)
    except LocalError as problem:
        print(f"{problem}", file=sys.stderr)
        return problem.exit_code
    except ModuleNotFoundError as problem:
        print(f"{problem}; run: make setup", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; what was finished is kept, run the same command again", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description="The local stack.")
    parser.add_argument("--home", type=Path, default=places.state_home(), help="where the stack keeps its state")
    verbs = parser.add_subparsers(dest="verb", required=True)
    for name in (
        "setup",
        "up",
        "airflow",
        "down",
        "clean",
        "status",
        "lock",
        "pins",
        "kubernetes",
        "browser",
        "notebook",
    ):
        verbs.add_parser(name)
    verbs.add_parser("history").add_argument("--port", type=int)
    charts = verbs.add_parser("charts")
    charts.add_argument("--official")
    charts.add_argument("--community")
    rates = verbs.add_parser("rates")
    rates.add_argument("--file")
    rates.add_argument("--base")
    run, page = verbs.add_parser("run"), verbs.add_parser("page")
    for verb in (run, page):
        verb.add_argument("--ds")
        verb.add_argument("--from", dest="first")
        verb.add_argument("--to", dest="last")
    run.add_argument("--refresh", action="store_true")
    return parser


def _dispatch(options: argparse.Namespace) -> int:
    stack = Stack(options.home.absolute())
    match options.verb:
        case "setup":
            with step("environments and programs are ready"):
                setup.ensure()
        case "up":
            _up(stack)
        case "airflow":
            from local import airflow

            _up(stack)
            airflow.up(stack)
        case "down":
            stack.down()
        case "clean":
            with step(f"{stack.home} is removed"):
                stack.clean()
        case "status":
            from local import status

            return 0 if status.show(stack) else 1
        case "charts":
            from local.deploying import charts

            charts.render(options.official, options.community)
        case "pins":
            pins.write()
        case "lock":
            _lock()
        case "kubernetes":
            kubernetes_build.ensure()
        case "browser":
            browser.ensure()
        case "history":
            from local import history

            return history.serve(stack.home, options.port)
        case "notebook":
            return notebook.edit()
        case "rates":
            ecb_rates.write(options.file, options.base or "EUR")
        case "run":
            return _run(options, stack)
        case "page":
            from local.run import page

            return page(_days(options), stack.home)
    return 0


def _up(stack: Stack) -> None:
    stack.up()
    etl, env = stack.settings("etl"), stack.home / "env"
    cassandra = f"{etl['CASSANDRA_HOSTS']}:{etl['CASSANDRA_PORT']}"
    print(f"  PostgreSQL    {etl['PGHOST']}:{etl['PGPORT']}, database {etl['PGDATABASE']}")
    print(f"  Cassandra     {cassandra}, keyspace {etl['CASSANDRA_KEYSPACE']}")
    print(f"  object store  {etl['AWS_ENDPOINT_URL_S3']}")
    print(f"  logs          {stack.home / 'logs'}")
    print(f"next: make status, make run DS=…, make down; a shell for spark-submit: . {env}")


def _lock() -> None:
    python_envs.write_locks()
    pins.write()
    setup.ensure()  # the jars are locked against the pyspark just locked
    with step("requirements/jars.txt"):
        jars_lock.write(Path(setup.load().java_home))


def _run(options: argparse.Namespace, stack: Stack) -> int:
    from local import run

    given = _days(options)
    if given[::2] not in (["--ds"], ["--from", "--to"]):
        raise LocalError("which day? run: make run DS=2025-03-01, or: make run FROM=2025-03-01 TO=2025-03-03")
    return run.run(given, stack.home, options.refresh)


def _days(options: argparse.Namespace) -> list[str]:
    days = {"--ds": options.ds, "--from": options.first, "--to": options.last}
    return [word for name, value in days.items() if value for word in (name, value)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
