"""The night's message: sent once, when the page's task has ended, by a connection of Airflow's.

DAYBOOK_NOTIFY_CONN names the connection, of type `smtp` or `slackwebhook`; without it nothing is sent. These are
callbacks of the task `page`: Airflow calls them when its state is decided, and never again unless the task is run
again. What goes wrong here is in that task's log, and changes no state.
"""

import html
import logging
from collections.abc import Callable

from airflow.providers.common.compat.sdk import BaseHook, Connection, Context

from daybook_tasks import message, results
from daybook_tasks.spark_job import SparkJob

log = logging.getLogger(__name__)


class UnfitError(Exception):
    """A connection that cannot carry a message."""


def page_made(context: Context) -> None:
    """Tell of the night by the verdicts of its days' pages, if there is anything to tell."""
    _tell(context, results.verdicts)


def page_failed(context: Context) -> None:
    """Tell that there is no page: one of an earlier run says nothing of this night."""
    _tell(context, lambda *_: {})


def _tell(context: Context, verdicts: Callable[[str, str], results.Verdicts]) -> None:
    name, when = message.settings()
    if doubt := message.doubt(name, when):
        log.warning(doubt)
    if not name:
        return
    try:
        task = context["task"]
        _, first, last = task.render_template(task.op_args, context)
        night = message.Night(first, last, _failed(context, first, last), verdicts(first, last))
        said = message.of(night, when)
        if said:
            send(name, *said)
            log.info("sent by connection %r: %s", name, said[0])
        else:
            log.info("the night was good: no message")
    except Exception as error:  # noqa: BLE001 - whatever a mail server or a library finds, the night stays what it is
        log.warning("no message was sent by connection %r (DAYBOOK_NOTIFY_CONN): %s", name, _reason(error))


def _reason(error: Exception) -> str:
    """Ours in its words, the system's by its cause, any other by its class: a webhook's address is a secret."""
    if isinstance(error, UnfitError):
        return str(error)
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__


def _failed(context: Context, first: str, last: str) -> dict[str, str]:
    """The steps that have failed after their retries, in the DAG's order, each with the command that continues."""
    ti = context["ti"]
    states = ti.get_task_states(dag_id=ti.dag_id, run_ids=[ti.run_id])[ti.run_id]
    days = f"--ds {first}" if first == last else f"--from {first} --to {last}"
    return {
        task.task_id: f"{'spark-submit' if isinstance(task, SparkJob) else 'python'} jobs/{task.task_id}.py {days}"
        for task in context["dag"].tasks
        if states.get(task.task_id) == "failed" and task.task_id != ti.task_id
    }


def send(name: str, subject: str, text: str) -> None:
    """Send a message by a connection.

    Raises:
        UnfitError: the connection is of another type, or names no recipient or sender.
    """
    connection = BaseHook.get_connection(name)
    by_type = {"smtp": _mail, "slackwebhook": _slack}
    if connection.conn_type not in by_type:
        raise UnfitError(f"its type is {connection.conn_type!r}, and a message goes by smtp or slackwebhook")
    by_type[connection.conn_type](connection, subject, text)


def _mail(connection: Connection, subject: str, text: str) -> None:
    from airflow.providers.smtp.hooks.smtp import SmtpHook

    extra = connection.extra_dejson
    missing = [field for field in ("to", "from_email") if not extra.get(field)]
    if missing:
        raise UnfitError(f'its extra has no {" and no ".join(missing)}: {{"to": "…", "from_email": "…"}}')
    with SmtpHook(connection.conn_id) as server:
        server.send_email_smtp(to=extra["to"], subject=subject, html_content=f"<pre>{html.escape(text)}</pre>")


def _slack(connection: Connection, subject: str, text: str) -> None:
    from airflow.providers.slack.hooks.slack_webhook import SlackWebhookHook

    told = html.escape(f"{subject}\n{text}", quote=False)  # Slack's own rule for &, < and >
    SlackWebhookHook(slack_webhook_conn_id=connection.conn_id).send(text=told)
