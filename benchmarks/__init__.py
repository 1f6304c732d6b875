"""Measures the README's figures in one run, as ratios to a bare app-server client."""
