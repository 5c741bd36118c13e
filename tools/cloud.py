"""AWS, or the emulator in its place, as `make preflight` and `make verify` read it."""

import threading
from dataclasses import dataclass, field
from typing import Any, Final

import boto3
from botocore.config import Config

_CONFIG: Final = Config(
    connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 4}, max_pool_connections=32
)


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """The account and region that the caller's credentials lead to."""

    region: str
    emulated: bool
    _clients: dict[str, Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def client(self, service: str) -> Any:
        """A boto3 client, made once; to make them is what threads may not do at the same time."""
        with self._lock:
            if service not in self._clients:
                make: Any = boto3.client  # typed for a literal name only
                self._clients[service] = make(service, region_name=self.region, config=_CONFIG)
            return self._clients[service]

    def pages(self, service: str, operation: str, result: str, **arguments: Any) -> list[Any]:
        """Everything that an operation lists."""
        paginator = self.client(service).get_paginator(operation)
        return [item for page in paginator.paginate(**arguments) for item in page.get(result, [])]
