"""The suite in containers on one machine."""
