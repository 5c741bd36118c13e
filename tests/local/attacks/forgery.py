"""Everything that an attacker could put into an Authorization header, made against the deployed pool (RFC 8725 §2).

What needs a signature by the pool's own key gets one: the emulator keeps that key in its state directory. So each such
token is wrong in the one thing that its name says, and nothing but the check of that thing can turn it away.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from tests.local.platform.deployed import READ, SERVER, WRITE, Platform

Claims = dict[str, Any]
OURS = rsa.generate_private_key(public_exponent=65537, key_size=2048)
"""The attacker's key."""
MACHINE = {
    "GenerateSecret": True,
    "AllowedOAuthFlows": ["client_credentials"],
    "AllowedOAuthFlowsUserPoolClient": True,
}


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def assemble(header: Mapping[str, Any], claims: Claims, signature: bytes = b"") -> str:
    parts = (json.dumps(header).encode(), json.dumps(claims).encode(), signature)
    return ".".join(map(encode, parts))


class Forge:
    """Makes tokens from a real one of the deployed platform, that of a client which may read and write."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.cognito = platform.emulator.client("cognito-idp")
        self.pool = platform.parameter("user-pool-id")

    @cached_property
    def real(self) -> str:
        return self.platform.token()

    @property
    def claims(self) -> Claims:
        claims: Claims = jwt.decode(self.real, options={"verify_signature": False})
        return claims

    @cached_property
    def header(self) -> Claims:
        return dict(jwt.get_unverified_header(self.real))

    @cached_property
    def key(self) -> rsa.RSAPrivateKey:
        """The key that the deployed pool signs access tokens with."""
        pem = self.platform.state / "tmp" / "cognito-pool-keys" / f"{self.pool}-access.pem"
        key = load_pem_private_key(pem.read_bytes(), None)
        assert isinstance(key, rsa.RSAPrivateKey)
        return key

    def genuine(self, **changes: Any) -> str:
        """A token that the pool itself could have signed, but for these claims; None removes one."""
        claims = {name: value for name, value in (self.claims | changes).items() if value is not None}
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": self.header["kid"]})

    def signed(self, **header: Any) -> str:
        """The real claims, signed by the attacker's key; None removes a header's field."""
        fields = {"kid": self.header["kid"]} | header
        given = {name: value for name, value in fields.items() if value is not None}
        return jwt.encode(self.claims, OURS, algorithm="RS256", headers=given)

    def hmac_with_public_key(self) -> str:
        """HS256, keyed with what everybody may know: CVE-2015-9235."""
        pem = self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        text = assemble({"alg": "HS256", "kid": self.header["kid"]}, self.claims).rstrip(".")
        return f"{text}.{encode(hmac.digest(pem, text.encode(), hashlib.sha256))}"

    def resigned(self, **changes: Any) -> str:
        """The real header and signature around other claims."""
        head, _, signature = self.real.split(".")
        return f"{head}.{encode(json.dumps(self.claims | changes).encode())}.{signature}"

    @contextmanager
    def client(self, pool: str, scopes: list[str]) -> Iterator[dict[str, str]]:
        """A machine client made beside the deployed ones, gone at the end."""
        made = self.cognito.create_user_pool_client(
            UserPoolId=pool, ClientName="attacker", AllowedOAuthScopes=scopes, **MACHINE
        )["UserPoolClient"]
        try:
            yield {"client_id": made["ClientId"], "client_secret": made["ClientSecret"]}
        finally:
            self.cognito.delete_user_pool_client(UserPoolId=pool, ClientId=made["ClientId"])

    def of_resource_server(self, identifier: str, pool: str | None = None) -> str:
        """A token of the token endpoint for another resource server's scopes of the same names."""
        pool = pool or self.pool
        scopes = [{"ScopeName": name, "ScopeDescription": name} for name in ("api.read", "api.write")]
        self.cognito.create_resource_server(UserPoolId=pool, Identifier=identifier, Name="another", Scopes=scopes)
        try:
            with self.client(pool, [f"{identifier}/{scope['ScopeName']}" for scope in scopes]) as credentials:
                answer = self.platform.request_token(**credentials)
            assert answer.status == 200, answer.data
            return str(answer.json()["access_token"])
        finally:
            self.cognito.delete_resource_server(UserPoolId=pool, Identifier=identifier)

    def of_another_pool(self) -> str:
        pool = self.cognito.create_user_pool(PoolName="another")["UserPool"]["Id"]
        return self.of_resource_server(SERVER, pool)

    def identity(self) -> str:
        """A real ID token of the deployed pool, of a user made only for this."""
        client = self.cognito.create_user_pool_client(
            UserPoolId=self.pool, ClientName="people", ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
        )["UserPoolClient"]["ClientId"]
        password = "Correct-Horse-1"
        try:
            self.cognito.admin_create_user(UserPoolId=self.pool, Username="someone")
            self.cognito.admin_set_user_password(
                UserPoolId=self.pool, Username="someone", Password=password, Permanent=True
            )
            signed_in = self.cognito.admin_initiate_auth(
                UserPoolId=self.pool,
                ClientId=client,
                AuthFlow="ADMIN_USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": "someone", "PASSWORD": password},
            )
            return str(signed_in["AuthenticationResult"]["IdToken"])
        finally:
            self.cognito.admin_delete_user(UserPoolId=self.pool, Username="someone")
            self.cognito.delete_user_pool_client(UserPoolId=self.pool, ClientId=client)


def _now(seconds: int) -> int:
    return int(time.time()) + seconds


TOKENS: Mapping[str, Callable[[Forge], str]] = {
    "garbage": lambda _: "garbage",
    "garbage in three parts": lambda _: "a.b.c",
    "garbage that is not ASCII": lambda _: "\xff.\xfe.\xfd",
    "JSON that is no object": lambda _: ".".join(map(encode, (b"[]", b"[]", b"[]"))),
    "five parts, as an encrypted token has": lambda forge: f"{forge.real}.a.b",
    "truncated to its claims": lambda forge: forge.real.rsplit(".", 1)[0],
    "truncated to an empty signature": lambda forge: forge.real.rsplit(".", 1)[0] + ".",
    "truncated in its signature": lambda forge: forge.real[:-20],
    "truncated in its claims": lambda forge: forge.real[: len(forge.real) // 2],
    "oversized": lambda forge: forge.signed(padding="x" * 6_000),
    "far oversized": lambda forge: forge.signed(padding="x" * 200_000),
    "tampered claims": lambda forge: forge.resigned(sub="administrator"),
    "tampered scope": lambda forge: forge.resigned(scope=f"{READ} {WRITE} x"),
    "tampered header": lambda forge: (
        encode(json.dumps(forge.header | {"typ": "JWT"}).encode()) + forge.real[forge.real.index(".") :]
    ),
    "tampered signature": lambda forge: forge.real.rsplit(".", 1)[0] + "." + encode(b"\x01" * 256),
    "a signature of zeros": lambda forge: assemble(forge.header, forge.claims, bytes(256)),
    "a signature of zeros, ES256": lambda forge: assemble(forge.header | {"alg": "ES256"}, forge.claims, bytes(64)),
    "alg none": lambda forge: assemble(forge.header | {"alg": "none"}, forge.claims),
    "alg nOnE": lambda forge: assemble(forge.header | {"alg": "nOnE"}, forge.claims),
    "alg none with a signature": lambda forge: assemble(forge.header | {"alg": "none"}, forge.claims, b"x" * 256),
    "no alg": lambda forge: assemble({"kid": forge.header["kid"]}, forge.claims),
    "HS256 with the public key": Forge.hmac_with_public_key,
    "signed by another key": Forge.signed,
    "unknown kid": lambda forge: forge.signed(kid="unknown"),
    "no kid": lambda forge: forge.signed(kid=None),
    "kid that is a path": lambda forge: forge.signed(kid="../../dev/null"),
    "foreign jku": lambda forge: forge.signed(jku="http://127.0.0.1:9/jwks.json"),
    "foreign jku, unknown kid": lambda forge: forge.signed(jku="http://127.0.0.1:9/jwks.json", kid="ours"),
    "foreign x5u": lambda forge: forge.signed(x5u="http://127.0.0.1:9/cert.pem"),
    "foreign jwk": lambda forge: forge.signed(jwk=jwt.algorithms.RSAAlgorithm.to_jwk(OURS.public_key(), as_dict=True)),
    "of another pool": Forge.of_another_pool,
    "another pool's issuer": lambda forge: forge.genuine(iss=forge.claims["iss"] + "x"),
    "no issuer": lambda forge: forge.genuine(iss=None),
    "expired": lambda forge: forge.genuine(iat=_now(-7200), auth_time=_now(-7200), exp=_now(-1)),
    "not yet valid": lambda forge: forge.genuine(nbf=_now(600)),
    "issued in the future": lambda forge: forge.genuine(iat=_now(600), exp=_now(4200)),
    "an ID token": Forge.identity,
    "no scope": lambda forge: forge.genuine(scope=None),
    "right scope of another resource server": lambda forge: forge.of_resource_server("otto-dev-another"),
    "right scope of another environment": lambda forge: forge.genuine(scope=f"{READ} {WRITE}".replace("dev", "prod")),
    "resource server prefix": lambda forge: forge.of_resource_server(f"{SERVER}-evil"),
    "resource server suffix": lambda forge: forge.of_resource_server(f"https://evil.example/{SERVER}"),
    "scope prefix": lambda forge: forge.genuine(scope=f"{READ}x {WRITE}x {SERVER}/api {SERVER}/"),
    "scope in another case": lambda forge: forge.genuine(scope=f"{READ} {WRITE}".upper()),
    "scopes joined by commas": lambda forge: forge.genuine(scope=f"{READ},{WRITE}"),
    "every scope by a wildcard": lambda forge: forge.genuine(scope=f"* {SERVER}/* {SERVER}/api.*"),
    "bare scope names": lambda forge: forge.genuine(scope="api.read api.write"),
}
"""Each makes a token that no method may accept."""
