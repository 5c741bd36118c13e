"""What the headers of a body say it is (RFC 9110 §8.3 and §8.4), parsed and not compared as text."""

import re
from typing import Final

# A `token` of RFC 9110 §5.6.2.
_WORD: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_QUOTED: Final = r'"((?:[^"\\]|\\.)*)"'
_TYPE: Final = re.compile(rf"({_WORD}/{_WORD})[ \t]*")
# An empty parameter is allowed (RFC 9110 §5.6.6), as behind a last semicolon.
_PARAMETER: Final = re.compile(rf";[ \t]*(?:({_WORD})=(?:({_WORD})|{_QUOTED}))?[ \t]*")
_UTF_8: Final = ("utf-8", "utf8")
"""Two of the labels of one encoding: https://encoding.spec.whatwg.org/#names-and-labels."""


def is_json(content_type: str) -> bool:
    """Tell whether it declares JSON in UTF-8. JSON has no parameters (RFC 8259 §11): all but `charset` are ignored."""
    declared = content_type.strip(" \t")
    kind = _TYPE.match(declared)
    if kind is None or kind[1].lower() != "application/json":
        return False
    end = kind.end()
    while end < len(declared):
        parameter = _PARAMETER.match(declared, end)
        if parameter is None:
            return False
        name, token, quoted = parameter.groups()
        if name and name.lower() == "charset":
            charset = token if token is not None else re.sub(r"\\(.)", r"\1", quoted)
            if charset.lower() not in _UTF_8:
                return False
        end = parameter.end()
    return True


def is_coded(content_encoding: str) -> bool:
    """Tell whether a content coding other than `identity` was applied to the body."""
    return any(coding.strip(" \t").lower() not in ("", "identity") for coding in content_encoding.split(","))
