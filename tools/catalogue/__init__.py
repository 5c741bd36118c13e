"""The access catalogue: who may call what, as a self-contained page for people and a Markdown table for review."""
