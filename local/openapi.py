"""`make openapi`: writes docs/openapi.json, the OpenAPI document that the deployed API's stage exports."""

import argparse
import json
from pathlib import Path
from typing import Any

from local import cloud
from local.deployment import CHECKOUT
from local.emulator import process
from local.emulator.process import Emulator
from local.failure import CommandError, reported
from stacks import scopes
from stacks.environments import ENVIRONMENTS

DOCUMENT = CHECKOUT / "docs/openapi.json"


def export(emulator: Emulator, api: str = "profiles") -> dict[str, Any]:
    """The stage's own export, as one document wherever it is deployed. Raises CommandError."""
    [environment] = [each for each in ENVIRONMENTS if each.name == cloud.ENVIRONMENT]
    gateway = emulator.client("apigateway")
    found = {each["name"]: each["id"] for each in gateway.get_rest_apis()["items"]}
    rest_api = found.get(environment.stack(api))
    if rest_api is None:
        raise CommandError(f"{environment.stack(api)} is not deployed: make up")
    exported = gateway.get_export(
        restApiId=rest_api, stageName=environment.name, exportType="oas30", accepts="application/json"
    )
    document = json.loads(exported["body"].read())
    # Of one deployment alone: its address, and its date as a version.
    document.pop("servers", None)
    document["info"]["version"] = "1.0"
    # API Gateway writes a Cognito authorizer as an API key, the emulator as nothing: neither says how to get a token.
    document["components"]["securitySchemes"] = {
        "oauth2": {
            "type": "oauth2",
            "flows": {
                "clientCredentials": {
                    "tokenUrl": environment.token_endpoint,
                    "scopes": {
                        f"{environment.resource_server}/{name}": description
                        for name, description in scopes.DESCRIPTIONS.items()
                    },
                }
            },
        }
    }
    for resource in gateway.get_resources(restApiId=rest_api, embed=["methods"])["items"]:
        for name, method in resource.get("resourceMethods", {}).items():
            if name == "ANY":  # answers 405 to what is none of the others: no operation
                del document["paths"][resource["path"]]["x-amazon-apigateway-any-method"]
                continue
            operation = document["paths"][resource["path"]][name.lower()]
            operation["security"] = [{"oauth2": method["authorizationScopes"]}]
    translated: dict[str, Any] = _translate(document)
    return translated


def _translate(value: Any) -> Any:
    """A model says `["string", "null"]` (JSON Schema draft 4) where OpenAPI 3.0 has `nullable`."""
    if isinstance(value, list):
        return [_translate(each) for each in value]
    if not isinstance(value, dict):
        return value
    translated = {key: _translate(each) for key, each in value.items()}
    match value.get("type"):
        case [str(only), "null"]:
            translated |= {"type": only, "nullable": True}
    return translated


def render(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="make openapi", description=__doc__)
    parser.add_argument("--state", type=Path, default=process.STATE)
    state: Path = parser.parse_args().state
    with reported("openapi", state):
        emulator = process.find(state)
        if emulator is None:
            raise CommandError("no emulator is running: make up")
        DOCUMENT.write_text(render(export(emulator)), encoding="utf-8")
    print(f"wrote {DOCUMENT.relative_to(CHECKOUT)}")


if __name__ == "__main__":
    main()
