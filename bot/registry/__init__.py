"""The registry of service points: places, distances, office hours, the points themselves, their import and export."""
