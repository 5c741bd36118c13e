"""Nobody and nothing sees a secret: every value that a run ever had is looked for wherever the run left a trace."""

import base64
import dataclasses
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.local.rotation.fleet import CLIENTS, Fleet, settled
from tests.local.rotation.processes import Processes
from tests.local.waiting import wait

Places = dict[str, list[str]]
_LONG_WORD = re.compile(r"[\w+/=]{24,}")


def files(*roots: Path) -> list[str]:
    found = [path for root in roots for path in ([root] if root.is_file() else root.rglob("*")) if path.is_file()]
    return [path.read_bytes().decode(errors="replace") for path in found]


def pages(client: Any, operation: str, key: str, **request: str) -> Iterator[Any]:
    for page in client.get_paginator(operation).paginate(**request):
        yield from page[key]


def places(fleet: Fleet, processes: Processes) -> Places:
    """All texts that are kept of a run, by kind of place. What cannot be read fails: it does not count as clean."""
    emulator, state = fleet.platform.emulator, fleet.platform.state
    formation, logs, parameters = (emulator.client(each) for each in ("cloudformation", "logs", "ssm"))
    stacks = list(pages(formation, "describe_stacks", "Stacks"))
    names = [stack["StackName"] for stack in stacks]
    events = [list(pages(formation, "describe_stack_events", "StackEvents", StackName=name)) for name in names]
    groups = [group["logGroupName"] for group in pages(logs, "describe_log_groups", "logGroups")]
    stored = pages(parameters, "describe_parameters", "Parameters")
    return {
        "synthesized templates and assets": files(state / "deploy.out", state / "fleet.out"),
        "deployed templates": [
            json.dumps(formation.get_template(StackName=name, TemplateStage=stage)["TemplateBody"])
            for name in names
            for stage in ("Original", "Processed")
        ],
        "stacks and their outputs": [json.dumps(stack, default=str) for stack in stacks],
        "stack events": [json.dumps(event, default=str) for event in events],
        "log events": [
            event["message"]
            for group in groups
            for event in pages(logs, "filter_log_events", "events", logGroupName=group)
        ],
        "the emulator's log": files(Path(emulator.log)),
        "what `make up` printed": [fleet.platform.shown],
        "deployment logs": files(state / "bootstrap.log", state / "deploy.log", state / "fleet.log"),
        "parameters": [
            parameters.get_parameter(Name=each["Name"], WithDecryption=True)["Parameter"]["Value"] for each in stored
        ],
        "functions": [
            json.dumps(each, default=str) for each in pages(emulator.client("lambda"), "list_functions", "Functions")
        ],
        "processes' arguments and environments": sorted(processes.seen),
    }


def leaks(places: Places, values: set[str]) -> list[str]:
    """The kinds of places where a value is, as it is or as a Basic authorization carries it (RFC 7617)."""
    forms = [form for value in values for form in _forms(value)]
    return [kind for kind, texts in places.items() if any(_within(text, forms) for text in texts)]


def _within(text: str, forms: list[str]) -> bool:
    """Whether one of `forms` is in the text's long words; nothing else of a text is long enough to hold one."""
    words = " ".join(_LONG_WORD.findall(text))
    return any(form in words for form in forms)


def _forms(value: str) -> Iterator[str]:
    """A value, and what is left of it in Base64 whatever stands before it: three ways, by its place in a group of 3."""
    yield value
    for skipped in range(3):
        whole = value[skipped:]
        yield base64.b64encode(whole[: len(whole) // 3 * 3].encode()).decode()


def test_no_place_holds_any_secret_value_that_ever_existed(fleet: Fleet, processes: Processes) -> None:
    fleet.rotate(CLIENTS)
    values = fleet.collect()
    assert len(values) > 4 * len(CLIENTS), "Cognito's, CloudFormation's, the first rotation's, and this one's"
    found = places(fleet, processes)
    assert all(texts and any(texts) for texts in found.values()), "every kind of place has something to search"
    assert leaks(found, values) == []


CANARY = "CANARYsecret00000000000000000000000000000000000000000000000000000"


def plant_stack(fleet: Fleet) -> None:
    parameter = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": CANARY}}
    template = {"Resources": {"Planted": parameter}, "Outputs": {"Planted": {"Value": CANARY}}}
    formation = fleet.platform.emulator.client("cloudformation")
    formation.create_stack(StackName="planted", TemplateBody=json.dumps(template))
    formation.get_waiter("stack_create_complete").wait(StackName="planted", WaiterConfig={"Delay": 1})
    # The reason of an event can quote a property.
    fleet.secrets.create_secret(Name=CANARY, SecretString="planted")
    failing = {"Resources": {"Planted": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": CANARY}}}}
    formation.create_stack(StackName="failing", TemplateBody=json.dumps(failing))
    wait(lambda: settled(formation.describe_stacks(StackName="failing")["Stacks"][0]["StackStatus"]))


def plant_log(fleet: Fleet) -> None:
    logs = fleet.platform.emulator.client("logs")
    basic = base64.b64encode(f"client:{CANARY}".encode()).decode()
    logs.create_log_group(logGroupName="planted")
    logs.create_log_stream(logGroupName="planted", logStreamName="planted")
    event = {"timestamp": 1_800_000_000_000, "message": f"Authorization: Basic {basic}"}
    logs.put_log_events(logGroupName="planted", logStreamName="planted", logEvents=[event])


def plant_function(fleet: Fleet) -> None:
    functions = fleet.platform.emulator.client("lambda")
    functions.create_function(
        FunctionName="planted",
        Runtime="python3.13",
        Role="arn:aws:iam::000000000000:role/planted",
        Handler="index.handler",
        Code={"ZipFile": b"PK\x05\x06" + bytes(18)},
        Environment={"Variables": {"PLANTED": CANARY}},
    )


def plant_files(fleet: Fleet) -> None:
    (fleet.platform.state / "fleet.out" / "planted.json").write_text(CANARY)
    for log in (fleet.platform.state / "fleet.log", Path(fleet.platform.emulator.log)):
        with log.open("a") as file:
            file.write(f"{CANARY}\n")


def plant_process(processes: Processes, *arguments: str, **variables: str) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()", *arguments], stdin=subprocess.PIPE, env=variables) as child:
        wait(lambda: any(CANARY in text for text in processes.seen))
        child.communicate(b"\n")
    shown = {text for text in processes.seen if CANARY in text}
    assert shown
    processes.seen -= shown


def test_a_value_planted_in_each_kind_of_place_is_found(fleet: Fleet, processes: Processes) -> None:
    assert leaks(places(fleet, processes), {CANARY}) == []
    plants: list[Callable[[Fleet], None]] = [plant_stack, plant_log, plant_function, plant_files]
    for plant in plants:
        plant(fleet)
    plant_process(processes, CANARY)
    plant_process(processes, PLANTED=CANARY)
    processes.seen.add(CANARY)  # as it was seen twice
    printed = dataclasses.replace(fleet.platform, shown=f"{fleet.platform.shown}{CANARY}\n")
    found = places(dataclasses.replace(fleet, platform=printed), processes)
    assert set(leaks(found, {CANARY})) == set(found)
