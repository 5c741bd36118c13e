"""What tells how an environment does: metrics, alarms, a dashboard and saved queries. It owns no state."""

from stacks.observability.stack import ObservabilityStack

__all__ = ["ObservabilityStack"]
