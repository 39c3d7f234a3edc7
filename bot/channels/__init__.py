"""The ways in: each module reads its platform's updates, writes responses in its own way, and does the network."""
