"""The whole suite on this machine, out of wheels: `python -m deploy.local --help`."""
