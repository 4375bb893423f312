"""The photo: its header, which every submission is checked by, and its pixels."""
