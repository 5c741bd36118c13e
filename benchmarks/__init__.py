"""How fast and how cheap the platform is, each time as a ratio that is measured in one run: `make bench`."""
