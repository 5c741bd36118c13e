"""What the guard's refusals look like: one sentence, in the form that whoever asked can read."""

import json
from typing import Any, Final
from xml.sax.saxutils import escape

_CODE: Final = "EmulatorRefusal"
"""None of AWS's: nothing there says what this says."""


def render(headers: dict[str, str], why: str) -> tuple[bytes, bytes]:
    """The content type and the body: XML for those services of AWS that speak it, else JSON."""
    authorization = headers.get("authorization", "")
    error = f"<Error><Code>{_CODE}</Code><Message>{escape(why)}</Message></Error>"
    if "/s3/aws4_request" in authorization:
        return b"text/xml", error.encode()
    if "/aws4_request" in authorization and "form-urlencoded" in headers.get("content-type", ""):
        return b"text/xml", f"<ErrorResponse>{error}</ErrorResponse>".encode()
    return b"application/json", json.dumps({"__type": _CODE, "message": why}).encode()


def messages(scope: dict[str, Any], headers: dict[str, str], why: str) -> list[dict[str, Any]]:
    """The refusal as a server sends it."""
    if scope["type"] == "websocket":
        return [{"type": "websocket.close", "code": 1008}]
    kind, body = render(headers, why)
    head = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    return [
        {"type": "http.response.start", "status": 403, "headers": head},
        {"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body},
    ]
