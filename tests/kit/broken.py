"""Ways to damage a lake, as a person or a rule of the bucket may."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

from daybook.lake import manifest
from daybook.lake.paths import Batch, Layer
from tests.kit.errors import put
from tests.kit.typed import DAY, Typist


class Broken:
    """The lake of the typist, and ways to damage it."""

    def __init__(self, typist: Typist) -> None:
        self._daybook, self._settings = typist.daybook, typist.settings

    def batch(self, layer: Layer, name: str, day: str = DAY) -> Batch:
        layers = {key: value for key, value in self._settings.items() if key.startswith("DAYBOOK_")}
        return self._daybook.batch(layer, name, date.fromisoformat(day), **layers)

    def lose_manifest(self, layer: Layer, *names: str, day: str = DAY) -> None:
        self._daybook.store.delete([self.batch(layer, name, day).manifest for name in names])

    def lose_file(self, layer: Layer, name: str) -> None:
        live = manifest.read(self._daybook.store, self.batch(layer, name))
        assert live
        self._daybook.store.delete([live.manifest.tables[name].files[0].name])

    def write(self, layer: Layer, name: str, body: bytes, day: str = DAY) -> None:
        put(self._daybook, self.batch(layer, name, day).manifest, body)

    def edit(self, layer: Layer, name: str, change: Callable[[dict[str, Any]], None]) -> None:
        stored = self._daybook.store.get(self.batch(layer, name).manifest)
        assert stored
        raw = json.loads(stored.body)
        change(raw)
        self.write(layer, name, json.dumps(raw).encode())

    def objects(self, layer: Layer, name: str) -> dict[str, bytes]:
        folder = self.batch(layer, name).manifest.rpartition("/")[0]
        store = self._daybook.store
        return {uri: stored.body for uri in store.sizes(folder) if (stored := store.get(uri))}

    def put_back(self, objects: dict[str, bytes]) -> None:
        for uri, body in objects.items():
            put(self._daybook, uri, body)
