"""Chromium and axe for the tests of the day's page: fetched once per user, by hash, without root or installation.

The Chromium is the one that
@sparticuz/chromium builds for small Linux machines: compressed, with the libraries beside it that those lack.
"""

import os
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from toolchain import npm, places, tools
from toolchain.report import LocalError, run_logged, step

_LOCKED = "browser"
_LOG = places.SETUP_LOGS / "browser.log"
# Python has no Brotli; Node does. Arguments: packed file, unpacked file.
_UNPACK = "const [i, o] = process.argv.slice(1); fs.writeFileSync(o, zlib.brotliDecompressSync(fs.readFileSync(i)))"

_FONTS = (
    "<fontconfig><dir>/usr/share/fonts</dir><dir>{own}</dir><cachedir prefix='xdg'>fontconfig</cachedir></fontconfig>"
)


@dataclass(frozen=True)
class Browser:
    """Where the parts are."""

    home: Path

    @property
    def chromium(self) -> Path:
        """The program."""
        return self.home / "chromium"

    @property
    def environment(self) -> dict[str, str]:
        """What it runs with: its own libraries and a font, where the machine has none."""
        own = {"LD_LIBRARY_PATH": str(self.home / "lib"), "FONTCONFIG_FILE": str(self.home / "fonts.conf")}
        return {**os.environ, **own}

    @property
    def axe(self) -> Path:
        """The script that looks for barriers in a page."""
        return self.home / "axe.min.js"


def cached() -> Browser:
    """Return the browser, there or not yet."""
    return Browser(places.cache() / f"browser-{places.fingerprint(npm.locked(_LOCKED))}")


def ensure() -> None:
    """Fetch the browser, unless an earlier run has; it must run on this machine."""
    if not cached().home.exists():
        places.cache().mkdir(parents=True, exist_ok=True)
        with step("Chromium for the tests of the page"), tempfile.TemporaryDirectory(dir=places.cache()) as building:
            made = Path(building) / "browser"
            made.mkdir()
            _fetch(Path(building), made)
            tools.publish(made, cached().home)
    _check_that_it_runs(cached())


def _fetch(building: Path, made: Path) -> None:
    modules, node = npm.fetch(_LOCKED, building, _LOG), npm.node(building)
    for packed in ("chromium", "al2023.tar", "fonts.tar"):
        source, target = modules / "@sparticuz/chromium/bin" / f"{packed}.br", made / packed
        run_logged(f"unpacking {packed}", [node, "-e", _UNPACK, source, target], _LOG)
        if packed.endswith(".tar"):
            with tarfile.open(target) as files:
                files.extractall(made, filter="data")
            target.unlink()
    (made / "fonts.conf").write_text(_FONTS.format(own=cached().home / "fonts"))
    (made / "chromium").chmod(0o755)
    shutil.copy(modules / "axe-core" / "axe.min.js", made)


def _check_that_it_runs(browser: Browser) -> None:
    asked = [str(browser.chromium), "--version"]
    done = subprocess.run(asked, env=browser.environment, capture_output=True, text=True, check=False)
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["no word why"])[-1]
        raise LocalError(f"the Chromium of {browser.home} does not run here ({why}); see {_LOG}, or remove that folder")
