"""Holds `cdk.json` to what it may say: whatever else it says, the CDK CLI does on everybody's machine."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

FILE: Final = "cdk.json"
_HELD: Final[dict[str, Any]] = {
    "app": ".venv/bin/python app.py",
    "versionReporting": False,
    "notices": False,
    "output": "cdk.out",
}


def problems(checkout: Path) -> Iterator[str]:
    """What is wrong with a checkout's `cdk.json`, each with its place."""
    path = checkout / FILE
    try:
        if path.is_symlink():
            raise ValueError("a symbolic link")
        content = json.loads(path.read_text())
    except (OSError, ValueError, RecursionError) as error:
        yield f"{FILE}: cannot be read: {error.strerror if isinstance(error, OSError) else error}"
        return
    if not isinstance(content, dict):
        yield f"{FILE}: expected an object"
        return
    for key in sorted(content.keys() - _HELD - {"context"}):
        yield f"{FILE}: {key}: no key that is allowed here, expected {', '.join([*_HELD, 'context'])}: remove it"
    for key, value in _HELD.items():
        if content.get(key) != value:
            yield f"{FILE}: {key}: {content.get(key)!r}, expected {value!r}"
    context = content.get("context")
    if not isinstance(context, dict):
        yield f"{FILE}: context: expected the CDK's feature flags"
    elif context.get("cli-telemetry") is not False:
        said = context.get("cli-telemetry")
        yield f"{FILE}: context.cli-telemetry: {said!r}, expected False: the CDK CLI phones home"
