"""Everything that exists only to run the platform on a laptop: the same deployment, at an emulator on loopback."""
