"""Addresses that a secret or a token may be sent to."""

import re
from urllib.parse import urlsplit

from otto_m2m.errors import TokenError

_LOOPBACK = re.compile(r"localhost|.+\.localhost|127\.\d+\.\d+\.\d+|::1")


def check_address(url: str, name: str) -> str:
    """Return `url`, the value of `name`. Raises TokenError unless it is https, or plain http to this machine."""
    try:
        address = urlsplit(url)
        host = address.hostname or ""
        safe = address.scheme == "https" or (address.scheme == "http" and _LOOPBACK.fullmatch(host))
        if host and safe and address.port != 0 and not address.username and url.isprintable() and " " not in url:
            return url
    except ValueError:
        pass
    raise TokenError("addresses", f"{name} is no https address", lasting=True)


def get_origin(url: str) -> str:
    """Return scheme, host and port, and a slash, in lower case: the beginning of every address of that origin."""
    scheme, host, *_ = urlsplit(url)
    return f"{scheme}://{host}/".lower()
