"""Delivery: letters are taken from the outbox, sent through the channels, and settled one by one."""
