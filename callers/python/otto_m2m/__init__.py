"""Call Otto's APIs as a service: `session, profiles = connect("dev", "lead-enricher")`.

`connect` gives a session of requests; `otto_m2m.httpx` has the same for httpx, sync and async. The rules they keep:

1. A token that is still good is used whatever a renewal meets, and no call waits for a renewal while it holds one.
2. One renewal at a time in a process; its outcome, token or failure, is shared by all who wait. After a failure the
   next try comes after a pause that grows, has some chance in it, and honours Retry-After.
3. An answer of the token endpoint is checked whole before it replaces anything.
4. The token goes to the API's origin alone, through redirects, retries, hooks, .netrc and proxies.
5. A 401 is answered once, by a new token, for a token older than a minute, and only if the body can be sent again
   whole. No age depends on a clock that can be set.
6. Threads, asyncio tasks, forks and the interpreter's end are survived; each process draws its own moments of renewal.
7. With a good token nothing delays a call but the API. Without one a call fails within 20 seconds, in a TokenError that
   says which part is at fault: credentials, token endpoint, or refused and why.
8. No secret and no token is in a repr, a log, an exception, an argument or an environment variable.
9. The token request names the client in its form beside Basic, so that AWS's audit log shows who asks.
"""

from otto_m2m.errors import TokenError
from otto_m2m.requests import connect

__all__ = ["TokenError", "connect"]
