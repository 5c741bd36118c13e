"""What the platform is measured against: the floor, which has none of our code, and what one would otherwise write."""
