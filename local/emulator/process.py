"""The emulator as a process of its own: start it, find it again, stop it, and get AWS clients for it.

Its state directory, which nobody else can look into, holds `emulator.json` (which process), `credentials` (the key of
this run), `emulator.log`, `tmp/` and the functions' `home/`; all else lives in its memory.
"""

import argparse
import contextlib
import functools
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import boto3
import psutil
from botocore.config import Config

from local.emulator import key, private
from local.emulator.key import ACCOUNT, Key

HOST: Final = "127.0.0.1"
REGION: Final = "us-east-1"
MODULE: Final = "local.emulator"
CONCURRENCY: Final = 1000
"""Lambda executions of an account at once, as AWS grants it on request; a new account may have 10:
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
_ROOT: Final = Path(__file__).parents[2]
STATE: Final = _ROOT / ".local"
"""The state directory of the emulator that `make up` runs; git ignores it."""
_DIRECT: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_KEPT: Final = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "VIRTUAL_ENV")
OWNER_ONLY: Final = 0o077
"""The umask of a process whose files are nobody else's."""


class EmulatorError(Exception):
    """Why the emulator does not run, and the mend; for people, in one message."""


@dataclass(frozen=True)
class Emulator:
    """One running emulator. `started` (seconds since the epoch) tells its process from a later one of the same id."""

    pid: int
    port: int
    log: str
    started: float

    @property
    def state(self) -> Path:
        return Path(self.log).parent

    @property
    def endpoint(self) -> str:
        """Where signed requests go."""
        return endpoint(self.port)

    @property
    def address(self) -> str:
        """Where unsigned requests go: to the token endpoint, the pools' public keys and the deployed APIs."""
        return f"{self.endpoint}/{self._key.path}"

    @property
    def credentials(self) -> Path:
        """The AWS credentials file that holds the key of this run."""
        return self.state / key.FILE

    def client(self, service: str) -> Any:
        """A boto3 client of this emulator, whatever the caller's AWS settings are; the same one at every call."""
        return _client(self.endpoint, service, self._key)

    @property
    def _key(self) -> Key:
        try:
            return key.read(self.state)
        except FileNotFoundError:
            raise EmulatorError(
                f"{self.credentials} is gone, and nothing opens the emulator but it: make down"
            ) from None


@functools.cache
def _client(endpoint: str, service: str, own: Key) -> Any:
    session: Any = boto3.Session(aws_access_key_id=ACCOUNT, aws_secret_access_key=own.secret, region_name=REGION)
    return session.client(service, endpoint_url=endpoint, config=Config(proxies={}))


def endpoint(port: int) -> str:
    return f"http://{HOST}:{port}"


def log(state: Path) -> Path:
    """What the emulator of `state` writes."""
    return state / "emulator.log"


def port_number(text: str) -> int:
    """The value of `--port`. Raises ArgumentTypeError for what is no TCP port."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r}: expected 1 to 65535")
    return int(text)


def free_port() -> int:
    """A port of the loopback interface that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def environment(
    *,
    port: int,
    state: Path,
    auth: bool = False,
    concurrency: int = CONCURRENCY,
    caller: Mapping[str, str] = os.environ,
) -> dict[str, str]:
    """The emulator's whole environment, which its Lambda functions inherit: of the caller's its programs alone."""
    return {name: caller[name] for name in _KEPT if name in caller} | {
        "AUTH": "true" if auth else "false",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull if auth else str(state / key.FILE),
        "BIND_HOST": HOST,
        "DOCKER_HOST": f"unix://{state / 'no-docker.sock'}",  # ministack would remove containers it takes for its own
        "GATEWAY_PORT": str(port),
        "HOME": str(state / "home"),
        "IOT_MTLS_ENABLED": "0",
        "LAMBDA_ACCOUNT_CONCURRENCY": str(concurrency),
        "MINISTACK_REGION": REGION,
        "PERSIST_STATE": "0",
        "PYTHONUNBUFFERED": "1",
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(state / "tmp"),  # the keys that it signs tokens with
        "TMPDIR": str(state / "tmp"),
    }


def start(
    *, state: Path, port: int, auth: bool = False, concurrency: int = CONCURRENCY, seconds: float = 60
) -> Emulator:
    """Start the emulator and wait until it answers, `seconds` at most. Raises EmulatorError or NotPrivateError."""
    private.make(state)
    state = state.resolve()
    require_alone(state)
    require_free(port)
    (state / key.FILE).unlink(missing_ok=True)  # until it has its own, nobody takes an earlier run's for it
    output_file = log(state)
    command = [sys.executable, "-m", MODULE, "--port", str(port), "--state", str(state)]
    command += ["--concurrency", str(concurrency), *(["--auth"] if auth else [])]
    private.write(output_file, "")
    # Each line goes to the end, wherever that is by then: of a log that somebody cuts or writes to, nothing is lost.
    with output_file.open("ab") as output:
        child = subprocess.Popen(
            command,
            cwd=_ROOT,
            env=environment(port=port, state=state, auth=auth),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=OWNER_ONLY,
        )
    emulator = Emulator(pid=child.pid, port=port, log=str(output_file), started=psutil.Process(child.pid).create_time())
    private.write(state / "emulator.json", json.dumps(asdict(emulator)))
    wait_until_healthy(emulator, state, seconds, child)
    child.returncode = 0  # it outlives this object on purpose, of which Popen would warn
    return emulator


def wait_until_healthy(
    emulator: Emulator, state: Path, seconds: float = 60, child: "subprocess.Popen[bytes] | None" = None
) -> None:
    """Wait until the emulator answers, which one that was started a moment ago may not yet. Raises EmulatorError."""
    deadline = time.monotonic() + seconds
    while not _healthy(emulator):
        if child and child.poll() is not None:
            raise EmulatorError(f"the emulator ended at once with status {child.returncode}; {_last_lines(state)}")
        if find(state) is None:
            raise EmulatorError(f"the emulator ended at once; {_last_lines(state)}")
        if time.monotonic() > deadline:
            stop(state)
            raise EmulatorError(f"the emulator did not answer within {seconds:.0f} s; {_last_lines(state)}")
        time.sleep(0.1)


def find(state: Path) -> Emulator | None:
    """The emulator that `start` left running for `state`, or None. Raises NotPrivateError."""
    private.require(state)
    return _recorded(state) or _unrecorded(state.resolve())


def _recorded(state: Path) -> Emulator | None:
    """The emulator that was written down; a later process of the same id is none of ours.

    By its beginning alone: one that began a moment ago may have no command line yet.
    """
    try:
        emulator = Emulator(**json.loads((state / "emulator.json").read_text()))
        process = psutil.Process(emulator.pid)
        ours = process.create_time() == emulator.started
        return emulator if ours and process.status() != psutil.STATUS_ZOMBIE else None
    except (FileNotFoundError, ValueError, TypeError, psutil.NoSuchProcess, psutil.AccessDenied):
        return None


def _unrecorded(state: Path) -> Emulator | None:
    """The emulator of a `start` that was ended before it had written anything down."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            match process.cmdline():
                case [_, "-m", module, "--port", port, "--state", folder, *_] if (module, folder) == (
                    MODULE,
                    str(state),
                ):
                    started = process.create_time()
                    return Emulator(pid=process.pid, port=int(port), log=str(log(state)), started=started)
    return None


def death(state: Path) -> str | None:
    """The last words of an emulator that ended without being stopped; None for one that runs, or was never started."""
    if find(state) or not (state / "emulator.json").exists():
        return None
    return f"the emulator has ended; {_last_lines(state)}"


def stop(state: Path, seconds: float = 10) -> bool:
    """End the emulator of `state` and the Lambda functions it runs; False when none was running."""
    emulator = find(state)
    if emulator is None:
        (state / "emulator.json").unlink(missing_ok=True)
        return False
    process = psutil.Process(emulator.pid)
    functions = process.children(recursive=True)
    process.terminate()
    _, stubborn = psutil.wait_procs([process], timeout=seconds)
    for survivor in (*stubborn, *functions):
        with contextlib.suppress(psutil.NoSuchProcess):
            survivor.kill()
    for name in ("emulator.json", key.FILE):
        (state / name).unlink(missing_ok=True)
    return True


def require_alone(state: Path) -> None:
    """Raise EmulatorError naming another emulator of `state`, whose key and files a new one would take away."""
    if (running := find(state)) and running.pid != os.getpid():
        raise EmulatorError(f"the emulator of {state} runs already: pid {running.pid}, port {running.port}")


def require_free(port: int) -> None:
    """Raise EmulatorError naming who holds the loopback port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError:
            raise EmulatorError(f"port {port} may not be opened by this user: choose one above 1023") from None
        except OSError:
            raise EmulatorError(f"port {port} is taken by {_owner(port)}: stop it, or choose another port") from None


def _owner(port: int) -> str:
    """Who listens on `port`, as far as this user may know."""
    with contextlib.suppress(psutil.Error):
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.pid and connection.laddr[1:] == (port,):
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    return "another program"


def _healthy(emulator: Emulator) -> bool:
    try:
        # Never through the caller's HTTP proxy, which cannot know this machine's loopback interface.
        with _DIRECT.open(f"{emulator.address}/_ministack/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, EmulatorError):
        return False


def _last_lines(state: Path, count: int = 15) -> str:
    return f"{log(state)} ends with:\n" + "\n".join(log(state).read_text(errors="replace").splitlines()[-count:])
