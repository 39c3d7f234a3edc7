"""Training and outreach: what the network announces, who wants to hear of it, who comes (Art. 11, 13, 14)."""
