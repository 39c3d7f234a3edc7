"""Measurements: speed and memory beside a yardstick, and the fitting of what the matcher's confidence rests on."""
