"""The profiles service: people's and companies' public profiles, kept by profile URI, behind API Gateway.

The layers know each other in one direction only: `handler` (HTTP: with `request`, `preconditions`, `problem`) uses the
domain (`versions`, `profile`, `profile_uri`, `errors`), which is given a `store` (DynamoDB).
"""
