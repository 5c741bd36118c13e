"""Measures each hour whether app clients' secrets are rotated on time, and resumes rotations that were given up."""
