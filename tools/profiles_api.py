"""`make profiles-api`: docs/profiles-api.md, what the profiles API takes, gives and refuses, from the code's tables."""

import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from lambdas.profiles import json_text, preconditions, problem, profile, profile_uri, request
from lambdas.profiles.errors import InvalidError
from stacks.environments import ENVIRONMENTS
from stacks.gateway_errors import ERRORS
from stacks.profiles_contract import CONTRACTS

PAGE: Final = Path(__file__).parent.parent / "docs" / "profiles-api.md"
ONE: Final = (
    "https://www.linkedin.com/in/arjaynacion",
    "HTTP://uk.linkedin.com:80/IN/ArjayNacion/?trk=x#about",
    "https://m.linkedin.com/mwlite/in/%61rjaynacion/en-us",
)
"""Ways to write one address."""
OTHERS: Final = (
    "https://www.linkedin.com/in/JOSE\u0301",
    "https://www.linkedin.com/in/anna-👨\u200d🏫",
    "https://www.linkedin.com/in/ACoAABCNSioBW3YZHc2lBHVG0E_TXYWitQkmwog",
    "https://www.linkedin.com/company/Johnson-&-Johnson",
)
REFUSED: Final = (
    "https://www.linkedin.com/in/jos%E9-lima",
    "https://www.linkedin.com/in/jos%EF%BF%BD-lima",
    "https://www.linkedin.com/in/x%E2%80%AEy",
    "https://www.linkedin.com/in/x%E2%80%8B",
    "https://www.linkedin.com:8443/in/x",
    "www.linkedin.com/in/x",
    "https://www.linkedin.com/in/x/details/skills",
)
_INTRODUCTION: Final = """\
# What the profiles API takes, gives and refuses

<!-- Written by `make profiles-api` from lambdas/profiles and stacks; a test keeps it fresh. -->

A profile comes back as it was given, or the answer says why not. [openapi.json](openapi.json) has the same API for
programs, [calling.md](calling.md) a caller for it. The reasons are in docs/decisions:
[addresses](decisions/addresses-as-keys.md), [contents](decisions/contents-as-given.md),
[conditions](decisions/conditions.md), [methods](decisions/methods.md).
"""
_SLUGS: Final = """\
Case, Unicode normal form (NFC) and percent-encoding of a slug do not matter. Only a member's id, such as
`ACoAABCNSioBW3YZHc2lBHVG0E_TXYWitQkmwog`, keeps its case: there it is content. A slug may hold letters, marks,
digits, symbols such as emoji, flags, {punctuation} and these, which show nothing and tell one address from another
all the same. They may not end it, unless they join:
"""
_CONTENTS: Final = """\
- {texts} are texts of at most so many characters; `{required}` is required. PUT replaces the whole: what is left
  out, or `null`, is not kept from before.
- `attributes` is any JSON object, at most {depth} levels deep, with keys of at most {key} characters.
- A body is at most {body:,} bytes of JSON in UTF-8. {stamped} are the service's: what is sent in them is ignored.
- A text comes back character for character, in the normal form it was given in. One is blank that holds nothing but
  white space, controls, format characters, and what Unicode ignores by default.
- A number comes back digit for digit, exponent and all: 1.10 over 1.1 is a change. One that other readers of JSON
  (IEEE 754 doubles) take for infinity, or that is not zero and that they take for zero, is refused: write it as a
  string.
- Other fields are refused. Every flaw is told at once, up to {most}.
"""
_CONDITIONS: Final = """\
- `If-Match` and `If-None-Match` take `*` or a list of ETags. What is not there is 404 for GET, HEAD and DELETE
  whatever they say; PUT creates it, or is 412 where `If-Match` is there.
- **Without an answer**, or after a 503 or 504, send the same request again. A PUT with `If-Match` that had been
  carried out is answered as the first time; without a condition it changes nothing. A PUT with `If-None-Match: *`
  that had been carried out is 412, since of two creators one must lose: read the profile, it may be your own. A
  DELETE is 404.
"""
_ANSWERS: Final = """\
Every refusal is `application/problem+json` (RFC 9457). Programs decide by `type`, of which this table leaves out
`urn:otto:problem:`. `errors` says what is wrong, each with a `pointer` into the body, a `parameter` or a `header`.
"""
_GATEWAY: Final = """\
API Gateway answers these by itself, before or instead of the function. Where there is a firewall ({guarded}), it
refuses a body of more than {body:,} bytes first, with 403 `firewall-refused` and not 413
([assumed](assumptions.md#refusal-of-bodies), until `make verify` has shown it).
"""


def render() -> str:
    return "\n".join(
        [
            _INTRODUCTION,
            "## The address of a profile\n",
            *_table(("written", "is the profile"), ((_code(each), _code(_key(each))) for each in (*ONE, *OTHERS))),
            "",
            _SLUGS.format(punctuation=_code(" ".join(profile_uri.PUNCTUATION))),
            *_table(("character", "why it is there"), map(_character, profile_uri.UNSEEN)),
            "\nRefused, with what the answer says:\n",
            *_table(("written", "answer"), ((_code(each), _text(_refusal(each))) for each in REFUSED)),
            "\n## A profile\n",
            _CONTENTS.format(
                texts=", ".join(f"`{name}` ({most})" for name, most in profile.TEXTS.items()),
                required=profile.REQUIRED,
                depth=profile.DEEPEST,
                key=profile.LONGEST_KEY,
                body=request.LARGEST,
                stamped=", ".join(f"`{name}`" for name in profile.STAMPED),
                most=profile.MOST_FLAWS,
            ),
            "## Conditions and repetitions\n",
            _CONDITIONS,
            "## Every refusal\n",
            _ANSWERS,
            *_table(("status", "type", "what to do", "of"), _kinds()),
            "",
            _GATEWAY.format(
                guarded=", ".join(each.name for each in ENVIRONMENTS if each.firewall), body=request.LARGEST
            ),
            *_table(("status", "type", "what to do", "when"), _gateway_errors()),
            "\n## Every flaw of a 400\n",
            *_table(("of", "detail"), _flaws()),
            "",
        ]
    )


def _key(written: str) -> str:
    return profile_uri.canonicalise(written)


def _refusal(written: str) -> str:
    try:
        return _key(written)
    except InvalidError as error:
        return error.flaws[0].detail


def _character(character: str) -> tuple[str, str]:
    named = f"U+{ord(character):04X} {unicodedata.name(character)}"
    return named, _text(profile_uri.UNSEEN[character])


def _kinds() -> Iterable[tuple[str, ...]]:
    kinds = {kind.detail: kind for kind in (*problem.KINDS.values(), problem.FAULT)}
    for kind in kinds.values():
        methods = [method for method, contract in CONTRACTS.items() if kind.status in contract.answers]
        of = ", ".join(methods) if methods else "other methods"
        headers = "".join(f" Has `{name}: {value}`." for name, value in kind.headers.items())
        yield str(kind.status), f"`{kind.type}`", _text(kind.detail) + headers, of


def _gateway_errors() -> Iterable[tuple[str, ...]]:
    for error in ERRORS:
        status = str(error.status or "4xx")
        yield status, f"`{error.type}`", _text(error.detail or "API Gateway's own words."), f"`{error.kind}`"


def _flaws() -> Iterable[tuple[str, ...]]:
    tables = {
        "`uri`": [f"the profile's URI {reason}" for reason in profile_uri.REFUSALS.values()],
        "the parameters": request.FLAWS.values(),
        "the body": [f"the body {reason}" for reason in json_text.REASONS.values()],
        "the profile": [reason.replace("{{}}", "{}") for reason in profile.FLAWS.values()],
        "a condition": [preconditions.GRAMMAR],
    }
    return ((of, _text(reason)) for of, reasons in tables.items() for reason in reasons)


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = [heads, ("---",) * len(heads), *rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]


def _code(text: str) -> str:
    return f"`{text}`"


def _text(text: str) -> str:
    return text.replace("<", "&lt;").replace("*", "\\*").replace("|", "\\|")


def main() -> None:
    PAGE.write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
