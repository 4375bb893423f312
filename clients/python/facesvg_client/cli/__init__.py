"""The `facesvg` command."""
