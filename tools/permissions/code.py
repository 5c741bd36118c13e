"""The AWS operations that Python code calls with boto3, read from the code and from botocore's own models."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from botocore import xform_name
from botocore.loaders import Loader


def actions(path: Path) -> set[str]:
    """The IAM action of each operation that a file, or every file of a folder, calls with clients that it makes."""
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    trees = [ast.parse(file.read_text()) for file in files]
    services = {name for tree in trees for name in _named(tree, "client")}
    called = {node.attr for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    called |= {name for tree in trees for name in _named(tree, "get_paginator")}
    waited = {name for tree in trees for name in _named(tree, "get_waiter")}
    return {
        f"{service}:{operation}"
        for service in services
        for method, operation in _methods(service).items()
        if method in called or waited & _waiters(service, operation)
    }


def _named(tree: ast.Module, function: str) -> Iterator[str]:
    """The first argument of each call of a function or method of this name, where it is a text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name == function:
                yield str(node.args[0].value)


@cache
def _methods(service: str) -> dict[str, str]:
    """The operation of each method of a client."""
    model = Loader().load_service_model(service, "service-2")
    return {xform_name(operation): operation for operation in model["operations"]}


@cache
def _waiters(service: str, operation: str) -> frozenset[str]:
    """The names of the waiters that ask by this operation."""
    loader = Loader()
    if "waiters-2" not in loader.determine_latest_version(service, "service-2") and service not in (
        loader.list_available_services("waiters-2")
    ):
        return frozenset()
    waiters = loader.load_service_model(service, "waiters-2")["waiters"]
    return frozenset(xform_name(name) for name, each in waiters.items() if each["operation"] == operation)
