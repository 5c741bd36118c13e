"""The proxy that the environment names for an address, as boto3 and requests find theirs."""

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass


def find_proxy(url: str) -> str | None:
    """Find the proxy for an https address, whose TLS passes it end to end; none for plain http, which it could read."""
    address = urlsplit(url)
    if address.scheme != "https" or proxy_bypass(address.hostname or ""):
        return None
    proxies = getproxies()
    found = proxies.get("https") or proxies.get("all")
    return found if found is None or "://" in found else f"http://{found}"
