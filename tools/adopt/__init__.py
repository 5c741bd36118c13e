"""`make adopt`: brings a user pool, domain, resource server and app clients that were made by hand into our stacks.

CloudFormation takes the existing resources over as they are (resource import), so every client id and secret goes on
working. docs/adopting.md says what to expect.
"""
