"""The atlas: which landmarks bound which region of a face."""
