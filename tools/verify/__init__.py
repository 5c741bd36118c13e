"""`make verify ENV=…`: asks the deployed environment what no test can know, and says where AWS is not as we assume.

docs/assumptions.md says what rests on each check.
"""
