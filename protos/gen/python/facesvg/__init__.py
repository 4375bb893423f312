"""Generated from protos/facesvg. Run `make protos`."""
