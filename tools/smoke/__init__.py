"""`make smoke ENV=…`: checks a deployed environment as one of its callers, in seconds, and says what is wrong."""
