"""Independent table-days side by side: planning one while another computes keeps both cores busy."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

Result = TypeVar("Result")

# Small days are bound by planning, large ones by the cores Spark already uses: more at once buys nothing.
_AT_ONCE = 2


def side_by_side(tasks: Iterable[Callable[[], Result]], light: Iterable[Callable[[], Result]] = ()) -> Iterator[Result]:
    """Run the tasks, a few at once, and yield each result when it is there.

    `light` ones, which mostly wait, are run beside them, one at a time. After a failure nothing new is begun; what
    runs is let finish, then the failure is raised.
    """
    with ThreadPoolExecutor(_AT_ONCE) as pool, ThreadPoolExecutor(1) as beside:
        running = [*map(pool.submit, tasks), *map(beside.submit, light)]
        try:
            for done in as_completed(running):
                yield done.result()
        finally:
            for waiting in running:
                waiting.cancel()
