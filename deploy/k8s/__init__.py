"""The manifests for Kubernetes, and what is written into them."""
