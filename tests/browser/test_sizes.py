"""A page stays small however long the history is, and is never seen half written."""

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

from daybook.page import files
from tests.browser.conftest import Made
from tests.kit.page_scenes import page_of
from tests.kit.scene import D, Scene


def test_a_page_of_30_days_has_less_than_300_kb_and_one_of_400_days_is_no_larger(tmp_path: Path) -> None:
    """Of the days before it the lake is not asked at all: the file knows them."""
    sizes, asked = [], []
    for days in (31, 400):
        scene = Scene(tmp_path / str(days), days=days).make()
        scene.store.asked.clear()
        _, path = page_of(scene)
        sizes.append(path.stat().st_size)
        asked.append(sorted(scene.store.asked))
    assert max(sizes) < 300_000
    assert 0.8 < sizes[1] / sizes[0] < 1.2
    assert asked[0] == asked[1]
    assert [uri for uri in asked[0] if uri.endswith("_MANIFEST.json") and str(D) not in uri] == []


def test_a_reader_never_finds_half_a_page(made: Callable[[str], Made]) -> None:
    night = made("ordinary")
    index, facts = night.path.parents[1] / "index.html", night.path.with_suffix(".json")
    ended = Event()

    def read() -> int:
        looks = 0
        while not ended.wait(0.001):  # lets the writer have the interpreter
            for page in (night.path, index):
                text = page.read_text()
                assert text.startswith("<!doctype html>") and text.endswith("</html>\n")
            assert json.loads(facts.read_text())["format"] == 1
            looks += 1
        return looks

    with ThreadPoolExecutor(1) as pool:
        reader = pool.submit(read)
        try:
            for _ in range(20):
                files.write(night.scene.path, night.facts)
        finally:
            ended.set()
        assert reader.result() > 20
    assert [name for name in os.listdir(night.path.parent) if name.startswith(".")] == []
