"""A service that calls the profiles API: `python examples/service.py dev lead-enricher https://www.linkedin.com/in/…`.

Copy `AccessToken` and `connect` into a service as they are. They need `boto3`, `requests` and `authlib`.
"""

import json
import random
import sys
import threading
from collections.abc import Callable
from typing import Any

import boto3
import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc6749 import OAuth2Token

TIMEOUT = (2, 10)  # seconds to connect and to read
RENEW_AT = (0.70, 0.80)  # of a token's life, drawn anew each time, so that a fleet does not renew in step
NEW = 60  # seconds: a token of this age that is refused lacks the scope; so would the next, and each is billed


class AccessToken(requests.auth.AuthBase):
    """A process's access token: one for all its threads, renewed ahead of its end, and at once where an API refuses it.

    The credentials are read for each token, so a rotated secret needs no restart, and none is kept in memory.
    """

    def __init__(self, token_endpoint: str, credentials: Callable[[], dict[str, str]]) -> None:
        self._endpoint, self._credentials = token_endpoint, credentials
        self._lock = threading.Lock()
        self._token: OAuth2Token | None = None
        self._leeway = 0

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        self._authorize(request, self._current())
        request.register_hook("response", self._retry_once)
        return request

    def _authorize(self, request: requests.PreparedRequest, token: OAuth2Token) -> None:
        request.headers["Authorization"] = f"Bearer {token['access_token']}"

    def _retry_once(self, refused: requests.Response, **options: Any) -> requests.Response:
        """After a 401: once more, with a token from credentials that are read again, unless the token was new."""
        if refused.status_code != 401:
            return refused
        again = refused.request.copy()
        self._authorize(again, self._current(refused=str(refused.request.headers["Authorization"])))
        if again.headers["Authorization"] == refused.request.headers["Authorization"]:
            return refused
        refused.close()
        answer = refused.connection.send(again, **options)
        answer.history.append(refused)
        return answer

    def _current(self, refused: str = "") -> OAuth2Token:
        with self._lock:  # whoever waited here finds the token that the first one got
            token = self._token
            usable = token is not None and (refused != f"Bearer {token['access_token']}" or self._is_new(token))
            if token is None or not usable or token.is_expired(leeway=self._leeway):
                token = self._renew(token if usable else None)
            return token

    def _is_new(self, token: OAuth2Token) -> bool:
        return not token.is_expired(leeway=int(str(token["expires_in"])) - NEW)

    def _renew(self, fallback: OAuth2Token | None) -> OAuth2Token:
        try:
            with OAuth2Session(**self._credentials(), default_timeout=TIMEOUT) as session:
                token: OAuth2Token = session.fetch_token(self._endpoint, grant_type="client_credentials")
        except Exception:
            if fallback is None or fallback.is_expired(leeway=30):
                raise
            self._leeway //= 2  # it lives on: try again when half of the rest is gone
            return fallback
        life = int(str(token["expires_in"]))
        self._leeway = int(life * (1 - random.uniform(*RENEW_AT)))  # noqa: S311 - not for secrecy
        self._token = token
        return token


def connect(environment: str, client: str) -> tuple[requests.Session, str]:
    """A session whose requests carry `client`'s access token, and the profiles API's URL. It finds both by itself."""
    secrets, parameters = boto3.client("secretsmanager"), boto3.client("ssm")

    def discover(name: str) -> str:
        return parameters.get_parameter(Name=f"/otto/{environment}/m2m/{name}")["Parameter"]["Value"]

    def credentials() -> dict[str, str]:
        stored: dict[str, str] = json.loads(
            secrets.get_secret_value(SecretId=f"otto/{environment}/clients/{client}")["SecretString"]
        )
        return stored

    session = requests.Session()
    session.auth = AccessToken(discover("token-endpoint"), credentials)
    return session, discover("profiles-api-url")


def main(environment: str, client: str, *uris: str) -> int:
    """Print the profile of each URI as a line of JSON, or say on stderr that there is none."""
    session, profiles = connect(environment, client)
    missing = 0
    for uri in uris:
        answer = session.get(profiles, params={"uri": uri}, timeout=TIMEOUT)
        if answer.status_code == 404:
            missing += 1
            sys.stderr.write(f"{uri}: no such profile\n")
            continue
        answer.raise_for_status()
        sys.stdout.write(json.dumps(answer.json()) + "\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
