"""The AWS operations that Python code calls with boto3, read from the code and from botocore's own models."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from botocore import xform_name
from botocore.loaders import Loader

# "No permissions are required to perform this operation":
# https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html (2026-11-25)
_FREE: Final = {"sts:GetCallerIdentity"}

# https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html and, by its HTTP method,
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagement.html (2026-11-25)
_NAMED_OTHERWISE: Final = {"lambda:Invoke": "lambda:InvokeFunction", "apigateway:GetRestApis": "apigateway:GET"}


def actions(path: Path) -> set[str]:
    """The IAM action of each operation that a file, or every file of a folder, calls of the services that it names."""
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    trees = [ast.parse(file.read_text()) for file in files]
    services = {name for tree in trees for name in _named(tree)} & _services()
    called = {node.attr for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    called |= {name for tree in trees for name in _named(tree, "get_paginator")}
    waited = {name for tree in trees for name in _named(tree, "get_waiter")}
    told = {each for tree in trees for each in _told(tree)}
    services |= {service for service, _ in told}
    found = {
        f"{service}:{operation}"
        for service in services
        for method, operation in _methods(service).items()
        if method in called or (service, method) in told or waited & _waiters(service, operation)
    }
    return {_NAMED_OTHERWISE.get(action, action) for action in found - _FREE}


def _named(tree: ast.Module, function: str = "") -> Iterator[str]:
    """The first argument of each call of a function or method of this name, or of any, where it is a text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if function in ("", name):
                yield str(node.args[0].value)


def _told(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Each service and method that code gives to something that calls them: `pages("iam", "list_roles", …)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            named = {each.arg: each.value for each in node.keywords}
            if isinstance(node.func, ast.Attribute) and node.func.attr == "pages":
                named |= dict(zip(("service", "operation"), node.args, strict=False))
            match named.get("service"), named.get("operation"):
                case ast.Constant(value=str(service)), ast.Constant(value=str(method)):
                    yield service, method


@cache
def _services() -> frozenset[str]:
    return frozenset(Loader().list_available_services("service-2"))


@cache
def _methods(service: str) -> dict[str, str]:
    """The operation of each method of a client."""
    model = Loader().load_service_model(service, "service-2")
    return {xform_name(operation): operation for operation in model["operations"]}


@cache
def _waiters(service: str, operation: str) -> frozenset[str]:
    """The names of the waiters that ask by this operation."""
    loader = Loader()
    if service not in loader.list_available_services("waiters-2"):
        return frozenset()
    waiters = loader.load_service_model(service, "waiters-2")["waiters"]
    return frozenset(xform_name(name) for name, each in waiters.items() if each["operation"] == operation)
