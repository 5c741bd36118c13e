"""What API Gateway makes of a request on its way to the function, and of the answer on its way back."""

from collections.abc import Iterator
from urllib.parse import quote

from stacks import scopes
from tools.row import Row, judge
from tools.verify.deployment import Answer, Deployment, error_code

_NOBODY = "https://www.linkedin.com/in/otto-verify-is-nobody"
_LOST = "U+FFFD"


def look_at_encodings(deployment: Deployment) -> Iterator[Row]:
    """An address and a body that are not UTF-8. The body lacks what a profile must have, so that nothing is written."""
    api = deployment.target.api
    reader, writer = deployment.smoke_token(scopes.READ), deployment.smoke_token(scopes.WRITE)
    answers = {
        "address not utf-8": deployment.call("GET", f"{api}?uri={quote(_NOBODY, safe='')}%E9", reader),
        "body not utf-8": deployment.call(
            "PUT", f"{api}?uri={quote(_NOBODY, safe='')}", writer, b'{"headline": "Jos\xe9"}'
        ),
    }
    for name, answer in answers.items():
        yield judge(
            name,
            found=f"{answer.status} {error_code(answer)}, {_arrived(answer)}",
            expected=f"400 invalid-request, read as {_LOST}",
            good=answer.status == 400 and _LOST in answer.data.decode(errors="replace"),
            fix="lambdas/profiles/text.py: what API Gateway makes of a byte that is not UTF-8",
        )


def _arrived(answer: Answer) -> str:
    return f"read as {_LOST}" if _LOST in answer.data.decode(errors="replace") else f"not read as {_LOST}"


def look_at_head(deployment: Deployment) -> Iterator[Row]:
    """HEAD is GET without its content (RFC 9110 §9.3.2), whose length it may leave out or give, and not make up."""
    url = f"{deployment.target.api}?uri={quote(_NOBODY, safe='')}"
    token = deployment.smoke_token(scopes.READ)
    get, head = deployment.call("GET", url, token), deployment.call("HEAD", url, token)
    kind, expected = (each.headers.get("Content-Type", "no Content-Type") for each in (head, get))
    yield judge(
        "head",
        found=f"{head.status}, {kind}; Content-Length: {head.headers.get('Content-Length', 'none')}",
        expected=f"{get.status}, {expected}; Content-Length: any, for nothing rests on it",
        good=head.status == get.status and kind == expected,
        fix="docs/decisions/methods.md",
    )
