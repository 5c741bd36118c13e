"""Requests that are signed with a secret of this run: the key itself, or one that its STS or IAM has given.

AWS Signature Version 4, as ministack 1.5.33 checks it for an enforced identity (`core.sigv4`), here of every request:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
"""

from typing import Any, Final
from urllib.parse import parse_qs

from local.emulator.hooks import Hook
from local.emulator.key import ACCOUNT, Key

_PARSE: Final = Hook("core.sigv4", "parse_header_signature", ("headers",))
_LATE: Final = Hook("core.sigv4", "request_time_failure", ("signature",))
_WRONG: Final = Hook(
    "core.sigv4",
    "header_signature_failure",
    ("signature", "secret", "method", "raw_path", "query_params", "headers", "body"),
)
_SESSIONS: Final = Hook("services.sts", "_sessions")
_ACCESS_KEYS: Final = Hook("services.iam", "_access_keys")
HOOKS: Final = (_PARSE, _LATE, _WRONG, _SESSIONS, _ACCESS_KEYS)


class Signature:
    """What a request is signed with, by its headers. Raises ValueError where it is not, or with nothing of this run."""

    def __init__(self, headers: dict[str, str], key: Key) -> None:
        authorization = headers.get("authorization", "")
        signed = authorization.startswith("AWS4-HMAC-SHA256 ") and authorization.isascii()
        self._headers, self._signature = headers, _PARSE(headers) if signed else ()
        if isinstance(self._signature, tuple):
            raise ValueError("it carries no key of this run")
        secret = _secret(self._signature.access_key_id, key)
        if secret is None:
            raise ValueError(f"{self._signature.access_key_id[:40]!r} is no access key of this run")
        self._secret = secret

    def require_made_for(self, scope: dict[str, Any], body: bytes) -> None:
        """Raise ValueError unless the signature is of this request, and of now."""
        query = parse_qs(scope["query_string"].decode(), keep_blank_values=True)
        request = (scope["method"], scope["raw_path"].decode(), query, self._headers, body)
        if failure := _WRONG(self._signature, self._secret, *request) or _LATE(self._signature):
            raise ValueError(f"it is not signed with the key of this run ({failure[0]})")


def _secret(access_key: str, key: Key) -> str | None:
    if access_key == ACCOUNT:
        return key.secret
    given = [_SESSIONS.value.get(access_key)]
    given += [held for (_, name), held in _ACCESS_KEYS.value.to_dict().items() if name == access_key]
    return next((held["SecretAccessKey"] for held in given if held), None)
