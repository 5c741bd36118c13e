"""Every way in which a token endpoint can misbehave, by what a TokenError then says of it."""

import json
from typing import Final

from tests.callers.world import SECRET, Reply, grant, refuse, to_json

_ODD_BODIES = (
    b"", b"{}", b"[]", b"null", b'"text"', b"<html>sorry</html>", b"\xff\xfe", b"[" * 20_000, b"{" + b" " * 70_000,
    b'{"message": "Too Many Requests"}', b'{"error": null}', b'{"error": ["invalid_client"]}',
    b'{"error": "%b"}' % SECRET.encode(),
)  # fmt: skip
_HEADER = b"HTTP/1.1 200 OK\r\n"

STATUSES = {
    f"status {status}": [Reply(status, body) for body in _ODD_BODIES]
    for status in (201, 302, 400, 401, 403, 404, 405, 418, 429, 500, 502, 503, 504, 599)
}
REFUSALS = {
    f"{error}: ": [to_json(status, {"error": error, "error_description": SECRET}) for status in (400, 401, 403)]
    for error in ("invalid_client", "invalid_grant", "unauthorized_client", "invalid_scope", "invalid_request")
}
_VALUES = (None, "", " ", 7, True, ["x"], "x\r\nHost: y", "x y", "é", "x" * 70_000)
_KINDS = (None, "", "mac", 7, ["Bearer"])
_LIVES: Final[tuple[object, ...]] = (0, -1, "", "soon", [3600], {}, True, False, float("nan"), 0.0, "-0")
TOKENS = {
    "status 200 without a usable access_token": [
        *(Reply(200, body) for body in _ODD_BODIES),
        *(to_json(200, grant(value)) for value in _VALUES),
        Reply(200, json.dumps(grant()).encode() + b" " * 70_000),
    ],
    "status 200 without token_type Bearer": [to_json(200, grant(token_type=kind)) for kind in _KINDS],
    "status 200 without a usable expires_in": [to_json(200, grant(expires_in=life)) for life in _LIVES],
}
CONNECTIONS = {
    "no answer (ProtocolError)": [
        *(Reply(raw=raw) for raw in (b"", b"\r\n\r\n", b"SSH-2.0-x\r\n", b"HTTP/1.1 x\r\n\r\n")),
        Reply(raw=_HEADER + b"Content-Length: 500\r\n\r\n{"),
        Reply(raw=_HEADER + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
    ],
    "no answer (DecodeError)": [Reply(raw=_HEADER + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}")],
}
FAULTS = {
    f"{reason} {number}": (reason, reply)
    for kind in (STATUSES, REFUSALS, TOKENS, CONNECTIONS)
    for reason, replies in kind.items()
    for number, reply in enumerate(replies)
}
"""By a name: what a TokenError's reason begins with, and the answer."""
AWS_FAULTS = {
    "AccessDeniedException": refuse("AccessDeniedException"),
    "ResourceNotFoundException": refuse("ResourceNotFoundException"),
    "ThrottlingException": refuse("ThrottlingException"),
    "InternalServiceError": refuse("InternalServiceError", 500),
    "DecryptionFailure": refuse("DecryptionFailure"),
    "503": Reply(503, b"<html>"),
    "an error without a code": refuse(f"{SECRET} {SECRET}"),
    "ConnectionClosedError": Reply(raw=b""),
    "UnicodeDecodeError": Reply(200, b"\xff"),
    "not JSON with client_id and client_secret": to_json(200, {"SecretString": "text"}),
}
"""What Secrets Manager may answer, by what a TokenError then says of it."""
