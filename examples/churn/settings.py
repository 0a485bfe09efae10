"""Constants of the project: flowc reads them, it does not import them."""

REGISTRY = "registry.example.com/ml"
IMAGE = f"{REGISTRY}/churn:2026.11"
REGIONS = ["emea", "apac", "amer"]
