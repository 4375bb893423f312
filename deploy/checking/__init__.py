"""The files of the deployment, checked with the tools that are here: `make check-deploy`."""
