"""Decides, as IAM does, whether the policies here allow each call that a deploy, a command or a function makes."""
