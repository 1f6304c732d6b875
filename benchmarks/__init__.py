"""The figures of the README: ratios to a bare app-server client, measured in one run."""
