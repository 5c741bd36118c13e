"""The one error of a call that has no token: it says which part is at fault, and why."""

from typing import Literal

Part = Literal["addresses", "credentials", "token endpoint", "refused"]


class TokenError(Exception):
    """No access token: `part` is at fault, for `reason`. Neither holds a secret, a token or what a server said freely.

    `addresses` (Parameter Store) is met by `connect` alone. A call meets `credentials` (Secrets Manager), `token
    endpoint` (no usable answer) or `refused` (the endpoint knows what it is asked and says no).
    """

    def __init__(self, part: Part, reason: str, retry_after: float = 0, lasting: bool = False) -> None:
        super().__init__(part, reason, retry_after, lasting)
        self.part, self.reason = part, reason
        self.retry_after = retry_after
        """Seconds that the server asks to wait."""
        self.lasting = lasting
        """Another try in a few seconds would end alike."""

    def __str__(self) -> str:
        return f"{self.part}: {self.reason}"

    def again(self) -> "TokenError":
        """Make the same error anew: one that several threads raise collects the tracebacks of all."""
        return TokenError(self.part, self.reason, self.retry_after, self.lasting)
