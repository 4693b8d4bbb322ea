"""Loopback ports that nothing else uses."""

import socket
from collections.abc import Iterable, Mapping

HOST = "127.0.0.1"


def _bind(port: int) -> socket.socket | None:
    taken = socket.socket()
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((HOST, port))
    except OSError:
        taken.close()
        return None
    return taken


def choose(names: Iterable[str], remembered: Mapping[str, int]) -> dict[str, int]:
    """Return a free port per name: the remembered one where it is still free.

    All are held open until all are chosen, so that no two names get the same one.
    """
    held: dict[str, socket.socket] = {}
    for name in names:
        taken = _bind(remembered.get(name, 0)) or _bind(0)
        if taken is None:
            raise OSError(f"no free port on {HOST}")
        held[name] = taken
    chosen = {name: taken.getsockname()[1] for name, taken in held.items()}
    for taken in held.values():
        taken.close()
    return chosen
