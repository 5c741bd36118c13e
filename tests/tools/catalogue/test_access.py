from tools.catalogue.access import Calls, Catalogue, catalogue
from tools.routes import Route


def may_call(access: Catalogue, client: str) -> dict[str, tuple[Calls, ...]]:
    [entry] = [entry for entry in access.entries if entry.client.name == client]
    return {found.environment.name: found.calls for found in entry.access}


def test_a_client_may_call_what_its_scopes_open_with_methods_grouped_by_path(sample: Catalogue) -> None:
    reading = Calls(path="/profiles", methods=("GET",)), Calls(path="/companies/{id}", methods=("GET",))
    writing = Calls(path="/profiles", methods=("GET", "PUT", "DELETE")), Calls(path="/companies/{id}", methods=("GET",))
    assert may_call(sample, "lead-enricher") == {"dev": reading, "staging": reading, "prod": reading}
    assert may_call(sample, "generic") == {"dev": writing}


def test_a_suspended_client_may_call_nothing(sample: Catalogue) -> None:
    assert may_call(sample, "profile-importer")["staging"] == ()


def test_a_scope_of_another_environment_opens_nothing() -> None:
    staging = Route(
        environment="dev",
        api="api",
        path="/",
        method="GET",
        authorizer="COGNITO_USER_POOLS",
        scopes=("otto-staging-api-resource-server/api.read",),
    )
    [read, _] = catalogue((), [staging]).scopes
    assert {scope.environment.name: scope.calls for scope in read} == {"dev": (), "staging": (), "prod": ()}


def test_a_route_that_asks_for_no_scope_is_shown_apart() -> None:
    route = Route(environment="dev", api="api", path="/health", method="GET", authorizer="NONE", scopes=())
    assert catalogue((), [route]).unscoped == (route,)
