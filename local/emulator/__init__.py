"""The AWS emulator of a laptop: ministack 1.5.33, and what it lacks of the services that the platform deploys.

`python -m local.emulator` runs it in the foreground; `process` starts and stops it for other programs.
"""
