"""A function's package whose files Lambda may not read: its invocation fails, as at AWS.

Extends ministack 1.5.33, which unpacks every file for its own user: `services.lambda_svc._execute_function_warm`, and
`services.cloudformation.provisioners._zip_inline`, whose files CloudFormation makes readable. "AWS Lambda requires
global read permissions on code files": https://docs.aws.amazon.com/lambda/latest/dg/deployment-package-v2.html
(2026-11-25). At AWS the function fails when it opens such a file; here at any, for all of a package is opened.
"""

import functools
import io
import zipfile
from collections.abc import Callable
from typing import Any, Final

from local.emulator.actions import Members
from local.emulator.hooks import Hook

_EXECUTE: Final = Hook("services.lambda_svc", "_execute_function_warm", ("func", "event", "request_id"))
_INLINE: Final = Hook("services.cloudformation.provisioners", "_zip_inline", ("source", "handler", "runtime"))
HOOKS: Final = (_EXECUTE, _INLINE)

_UNIX: Final = 3
"""Made on a system that has modes: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.4.2."""


@functools.lru_cache(maxsize=64)
def unreadable(package: bytes) -> tuple[str, ...]:
    """The files of a package that only their owner may read."""
    try:
        entries = zipfile.ZipFile(io.BytesIO(package)).infolist()
    except zipfile.BadZipFile:
        return ()  # ministack refuses it in its own words
    modes = {entry.filename: entry.external_attr >> 16 for entry in entries if entry.create_system == _UNIX}
    return tuple(
        name for name, mode in modes.items() if mode & (needed := 0o005 if name.endswith("/") else 4) != needed
    )


def _executing(original: Callable[..., Members]) -> Callable[..., Members]:
    def execute(func: Members, event: Any, request_id: str) -> Members:
        for name in unreadable(func.get("code_zip") or b""):
            message = f"[Errno 13] Permission denied: '/var/task/{name}'"
            body = {"errorMessage": message, "errorType": "PermissionError"}
            return {"body": body, "error": True, "log": f"[ERROR] PermissionError: {message}"}
        return original(func, event, request_id)

    return execute


def _readably(original: Callable[..., bytes | None]) -> Callable[..., bytes | None]:
    def pack(*arguments: Any) -> bytes | None:
        made = original(*arguments)
        if made is None:
            return None
        package = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(made)) as source, zipfile.ZipFile(package, "w") as bundle:
            for entry in source.infolist():
                content = source.read(entry)
                entry.external_attr = 0o644 << 16
                bundle.writestr(entry, content)
        return package.getvalue()

    return pack


def install() -> None:
    """Let no function run whose files cannot be read."""
    _EXECUTE.replace(_executing)
    _INLINE.replace(_readably)
