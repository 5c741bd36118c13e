"""The profiles service: people's and companies' public profiles, kept by profile URI, behind API Gateway.

The layers know each other in one direction only: `handler` (HTTP: with `request`, `preconditions`, `problem`) uses the
domain (`versions`, `profile`, `profile_uri`, `errors`), which is given a `store` (DynamoDB).
"""

import gc
import os

if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    # Nothing dies while Lambda loads the function; looking for it is a tenth of that time. `handler` turns it on again.
    gc.disable()
