"""The contract of the profiles API. A test holds it to what the function does, limit by limit."""

from collections.abc import Mapping
from typing import Any, Final

from stacks.contract import GATEWAY, Answer, Contract, Model, problem

_TEXTS: Final = {"full_name": 200, "headline": 500, "company": 200, "location": 200}
_ATTRIBUTES: Final = {"type": "object", "description": "Anything else, as JSON; at most 8 levels deep."}


def _text(name: str) -> dict[str, Any]:
    required = name == "full_name"
    return {"type": "string" if required else ["string", "null"], "minLength": 1, "maxLength": _TEXTS[name]}


# Never narrower than what the function takes: where the gateway checks bodies, what was read must go back as it is.
_WRITTEN: Final = Model(
    name="ProfileWritten",
    schema={
        "type": "object",
        "description": "Other fields are refused. `uri` must be the profile's own; what the service sets is ignored.",
        "required": ["full_name"],
        "properties": {**{name: _text(name) for name in _TEXTS}, "attributes": _ATTRIBUTES},
    },
)

_PROFILE: Final = Model(
    name="Profile",
    schema={
        "type": "object",
        "required": ["uri", *_TEXTS, "attributes", "version", "updated_at", "updated_by"],
        "properties": {
            "uri": {"type": "string", "description": "Canonical: every way to write it is answered with this one."},
            **{name: _text(name) for name in _TEXTS},
            "attributes": _ATTRIBUTES,
            "version": {"type": "integer", "minimum": 1},
            "updated_at": {"type": "string", "format": "date-time"},
            "updated_by": {"type": "string", "description": "The app client that wrote this version."},
        },
    },
)

_CONDITIONS: Final = ("If-Match", "If-None-Match")
_VALIDATORS: Final = ("ETag", "Cache-Control")
_WHOLE: Final = Answer(model=_PROFILE, headers=_VALIDATORS)
_ANY_METHOD: Final[dict[int, Answer]] = dict(GATEWAY) | {
    400: problem(),
    412: problem(),
    503: problem("Retry-After"),
}
_READ: Final = _ANY_METHOD | {200: _WHOLE, 304: Answer(headers=_VALIDATORS), 404: problem()}


def _without_content(answer: Answer) -> Answer:
    return Answer(headers=answer.headers)


CONTRACTS: Final[Mapping[str, Contract]] = {
    "GET": Contract(headers=_CONDITIONS, answers=_READ),
    "HEAD": Contract(
        headers=_CONDITIONS, answers={status: _without_content(answer) for status, answer in _READ.items()}
    ),
    "PUT": Contract(
        headers=_CONDITIONS,
        body=_WRITTEN,
        answers=_ANY_METHOD | {200: _WHOLE, 201: _WHOLE, 409: problem(), 413: problem(), 415: problem()},
    ),
    "DELETE": Contract(
        headers=_CONDITIONS,
        answers=_ANY_METHOD | {204: Answer(), 404: problem(), 409: problem()},
    ),
}
