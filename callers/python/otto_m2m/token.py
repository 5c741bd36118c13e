"""An access token with its ages, in seconds of a clock that nobody can set."""

import random
from dataclasses import dataclass, field, replace
from typing import Final

RENEW_AT: Final = (0.70, 0.80)
"""Shares of a token's life, drawn for each token and process, so that a fleet does not renew in step."""
YOUNG: Final = 60
"""Seconds: a token of this age that is refused lacks the scope; so would the next, and each is billed."""
_MARGIN: Final = 30
"""Seconds before its end, or a tenth of its life, at which a token is no longer sent: a request takes time too."""
_CHANCE: Final = random.SystemRandom()
"""Not the shared generator: a service may seed that alike in every process."""


@dataclass(frozen=True)
class Token:
    """Good until `end`; renewed by the first call after `due`."""

    value: str = field(repr=False)
    made: float
    life: float
    end: float
    due: float

    @classmethod
    def issue(cls, value: str, life: float, now: float) -> "Token":
        return cls(value, now, life, now + life - min(_MARGIN, life / 10), now + life * _CHANCE.uniform(*RENEW_AT))

    def redraw(self) -> "Token":
        """Draw the moment of renewal anew, for another process that holds this token."""
        return replace(self, due=self.made + self.life * _CHANCE.uniform(*RENEW_AT))


def draw_pause(failures: int, retry_after: float) -> float:
    """Seconds until the next try: 0.5 to 1 after the first failure, doubled by each, 30 to 60 at most.

    At least what the server asks for, and up to a tenth more. It may ask for ten minutes at most.
    """
    own = min(60.0, 2.0 ** min(failures - 1, 6)) * _CHANCE.uniform(0.5, 1)
    return max(own, min(retry_after, 600.0) * _CHANCE.uniform(1, 1.1))
