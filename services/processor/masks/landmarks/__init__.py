"""Landmarks: from bytes in any of the known formats to one face in photo pixels."""
