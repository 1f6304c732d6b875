"""A custom model endpoint: probes that find out what its models support."""
