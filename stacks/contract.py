"""What an API promises its callers in its OpenAPI document: the body a method takes, and every answer it may give."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from aws_cdk import aws_apigateway as apigateway
from constructs import Construct

JSON: Final = "application/json"
PROBLEM: Final = "application/problem+json"


@dataclass(frozen=True, kw_only=True, eq=False)
class Model:
    """A named schema: JSON Schema draft 4 without `anyOf` and `additionalProperties`, which API Gateway does not keep.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
    """

    name: str
    """Letters and digits."""
    schema: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer: what its body is, if it has one, and which headers it may carry."""

    model: Model | None = None
    media_type: str = JSON
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Contract:
    """One method's."""

    body: Model | None = None
    headers: tuple[str, ...] = ()
    """Optional request headers."""
    answers: Mapping[int, Answer] = field(default_factory=lambda: MappingProxyType({}))


_PROBLEM_MODEL: Final = Model(
    name="Problem",
    schema={
        "type": "object",
        "description": "RFC 9457. Programs decide by `type`; people read the rest.",
        "required": ["type", "title", "status"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "request_id": {"type": "string"},
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["detail"],
                    "properties": {name: {"type": "string"} for name in ("detail", "pointer", "parameter", "header")},
                },
            },
        },
    },
)


def problem(*headers: str) -> Answer:
    return Answer(model=_PROBLEM_MODEL, media_type=PROBLEM, headers=headers)


GATEWAY: Final[Mapping[int, Answer]] = {
    401: problem("WWW-Authenticate"),  # no good token that carries the method's scope
    403: problem(),  # refused by the firewall, where there is one
    429: problem(),  # throttled
    500: problem(),  # whatever 5xx API Gateway makes itself: see DEFAULT_5XX in gateway_errors
    504: problem(),
}
"""What API Gateway itself may answer in front of any method."""


class Documentation(Construct):
    """The models of one API, each made once, however many methods speak of it."""

    def __init__(self, scope: Construct, construct_id: str, *, api: apigateway.RestApi) -> None:
        super().__init__(scope, construct_id)
        self._api = api
        self._models: dict[Model, apigateway.IModel] = {}

    def request_models(self, contract: Contract) -> Mapping[str, apigateway.IModel] | None:
        return {JSON: self._model(contract.body)} if contract.body else None

    def responses(self, contract: Contract) -> list[apigateway.MethodResponse]:
        return [
            apigateway.MethodResponse(
                status_code=str(status),
                response_models={answer.media_type: self._model(answer.model)} if answer.model else None,
                response_parameters={f"method.response.header.{name}": True for name in answer.headers},
            )
            for status, answer in sorted(contract.answers.items())
        ]

    def _model(self, model: Model) -> apigateway.IModel:
        if model not in self._models:
            # L1: the L2's JsonSchema cannot say that a field may be null. What the L2 does beside is done here: a
            # changed model is a new deployment, or the stage would go on exporting the old one.
            made = apigateway.CfnModel(
                self,
                model.name,
                rest_api_id=self._api.rest_api_id,
                content_type=JSON,
                name=model.name,
                schema=model.schema,
            )
            deployment = self._api.latest_deployment
            assert deployment is not None  # noqa: S101 - a RestApi deploys unless it is told not to
            deployment.node.add_dependency(made)
            deployment.add_to_logical_id({"model": model.name, "schema": model.schema})
            self._models[model] = apigateway.Model.from_model_name(self, f"{model.name}Name", made.ref)
        return self._models[model]
