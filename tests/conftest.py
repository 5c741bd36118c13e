"""No test reads the caller's AWS settings: what is configured on a machine must not change what a test proves."""

import os

for name in list(os.environ):
    if name.startswith(("AWS_", "CDK_")) or name.lower().endswith("_proxy"):
        del os.environ[name]

# 2.4 s in every process that synthesizes; the deployment in tests/local runs with it on.
os.environ["CDK_VALIDATION"] = "false"
