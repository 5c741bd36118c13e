"""What a function's process gets: credentials as its role has them, and a HOME of its own, empty at first.

ministack 1.5.33 hands a function the emulator's own environment and secrets that anybody can compute
(`core.lambda_runtime.execution_credentials`). Without `--auth` the function signs with the key of this run, which it
reads from its file; with it, with a secret that follows from the key.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from local.emulator.hooks import Hook
from local.emulator.key import Key

_ENFORCED: Final = Hook("app", "AUTH")
_SESSIONS: Final = Hook("services.sts", "_sessions")
_CREDENTIALS: Final = tuple(
    Hook(module, "execution_credentials", ("config",)) for module in ("core.lambda_runtime", "services.lambda_svc")
)
HOOKS: Final = (_ENFORCED, _SESSIONS, *_CREDENTIALS)

Given = Callable[[Mapping[str, Any]], dict[str, str]]


def install(key: Key, homes: Path) -> None:
    """Give each function its own, below `homes`."""

    def giving(original: Given) -> Given:
        def give(config: Mapping[str, Any]) -> dict[str, str]:
            home = homes / config["FunctionName"]
            home.mkdir(parents=True, exist_ok=True)
            if not _ENFORCED.value:
                return {"HOME": str(home)}
            given = original(config)
            secret = key.derive(given["AWS_ACCESS_KEY_ID"])
            _SESSIONS.value[given["AWS_ACCESS_KEY_ID"]]["SecretAccessKey"] = secret
            return given | {"AWS_SECRET_ACCESS_KEY": secret, "HOME": str(home)}

        return give

    for hook in _CREDENTIALS:
        hook.replace(giving)
