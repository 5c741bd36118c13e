"""The token endpoint as the judge of a client's credentials (RFC 6749 §4.4, §5.2)."""

import json
from dataclasses import dataclass, field

import urllib3

from .credentials import Credentials
from .ports import Busy, RotationFailed, Verdict

# The client is known, but may have no token now: its flows or scopes were taken away, which is how it is suspended.
_UNTESTABLE = {"unauthorized_client", "invalid_grant", "invalid_scope", "unsupported_grant_type", "access_denied"}


def _pool() -> urllib3.PoolManager:
    return urllib3.PoolManager(timeout=urllib3.Timeout(connect=2, read=8), retries=False)


@dataclass(frozen=True)
class OAuthTokenEndpoint:
    url: str
    http: urllib3.PoolManager = field(default_factory=_pool)

    def verdict(self, credentials: Credentials) -> Verdict:
        """Ask for a token of all scopes, which Cognito bills if it gives one, and throw it away.

        A new domain takes up to a minute to resolve and answer, so everything that is not an answer in the terms of
        RFC 6749 is Busy.
        """
        basic = urllib3.make_headers(basic_auth=f"{credentials.client_id}:{credentials.client_secret}")
        # RFC 6749 §3.2.1 allows the id beside Basic, and CloudTrail shows what the form holds.
        form = {"grant_type": "client_credentials", "client_id": credentials.client_id}
        try:
            reply = self.http.request(
                "POST", self.url, headers=basic, fields=form, encode_multipart=False, redirect=False
            )
        except urllib3.exceptions.HTTPError as failure:
            raise Busy(f"token endpoint: {type(failure).__name__}") from None
        error = _error(reply.data)
        if reply.status == 200 and error is None:
            return Verdict.ACCEPTED
        if reply.status in {400, 401} and error == "invalid_client":
            return Verdict.REJECTED
        if reply.status in {400, 401, 403} and error in _UNTESTABLE:
            return Verdict.UNTESTABLE
        if reply.status == 400 and error == "invalid_request":
            raise RotationFailed("the token endpoint finds the request invalid: is TOKEN_ENDPOINT right?")
        raise Busy(f"token endpoint: status {reply.status}")


def _error(body: bytes) -> str | None:
    """The RFC 6749 §5.2 code; `no token` for a body that holds neither a code nor a token."""
    try:
        answer = json.loads(body)
        return None if answer.get("access_token") else str(answer["error"])
    except (ValueError, KeyError, AttributeError):
        return "no token"
