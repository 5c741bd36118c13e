"""Commands that people and CI run on a checkout."""
