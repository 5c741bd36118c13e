"""A real browser, the one that package.json pins, unpacked once a checkout."""

import json
import os
import platform
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from playwright.sync_api import Browser, Error, sync_playwright

from local.emulator import private

ROOT = Path(__file__).parents[1]
LOCAL = ROOT / ".local"

# The package's own libraries and fonts, too: no distribution's package is needed, and pages look alike everywhere.
_UNPACK = """
import chromium, { inflate } from "@sparticuz/chromium";
await inflate("node_modules/@sparticuz/chromium/bin/al2023.tar.br");
await chromium.executablePath();
"""
_FONTS = '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>{}</dir></fontconfig>'


@contextmanager
def opened(*switches: str) -> Iterator[Browser]:
    """Open it with Chromium's command line switches.

    Closed with a module's end: Playwright's sync API leaves an event loop running, and others start one of their own.
    """
    bundled = (platform.system(), platform.machine()) == ("Linux", "x86_64")
    with sync_playwright() as playwright:
        launch = playwright.chromium.launch
        try:
            browser = _launch_bundled(launch, switches) if bundled else launch(channel="chrome", args=switches)
        except Error as error:
            fix = "run make .venv/.ready" if bundled else "install Google Chrome (npm ships one for x86-64 Linux only)"
            pytest.fail(f"no browser to test in: {fix}\n{error.message}", pytrace=False)
        yield browser
        browser.close()


def _launch_bundled(launch: Callable[..., Browser], switches: tuple[str, ...]) -> Browser:
    version = json.loads((ROOT / "node_modules/@sparticuz/chromium/package.json").read_text())["version"]
    home = LOCAL / f"chromium-{version}"
    if not home.exists():
        private.make(LOCAL)
        with TemporaryDirectory(dir=LOCAL) as parent:
            unpacked = Path(parent, "chromium")
            unpacked.mkdir()
            environment = os.environ | {"TMPDIR": str(unpacked)}
            subprocess.run(["node", "--input-type=module", "--eval", _UNPACK], cwd=ROOT, env=environment, check=True)
            (unpacked / "fonts.conf").write_text(_FONTS.format(home / "fonts"))
            try:
                unpacked.rename(home)
            except OSError:  # another process of the same run was faster
                if not home.exists():
                    raise
    return launch(
        executable_path=home / "chromium",
        args=switches,
        env={
            "LD_LIBRARY_PATH": str(home / "al2023/lib"),
            "FONTCONFIG_FILE": str(home / "fonts.conf"),
            "HOME": str(home),
        },
    )
