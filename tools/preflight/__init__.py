"""`make preflight ENV=…`: looks, and changes nothing, at what would stop a deploy or spoil it."""
