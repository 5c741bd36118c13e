"""What is deployed under the application's names and made by no stack of it: it may hold data, so a person decides."""

from typing import Any

import aws_cdk as cdk

import app
from stacks.environments import Environment
from tools import declared, deployed, synthesis


def find(environment: Environment, session: Any) -> list[str]:
    """Each stack of the environment that the app no longer has: its last API, a firewall that is switched off."""
    built = cdk.App(context=synthesis.CONTEXT)
    app.build(built, declared.groups())
    known = {each.stack_name for each in built.node.find_all() if isinstance(each, cdk.Stack)}
    there = set(deployed.stacks(session.client("cloudformation"), environment))
    return sorted(there - known)
