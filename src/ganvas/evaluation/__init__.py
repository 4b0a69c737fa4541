"""Scores of a model against data: measured once, compared, reported, and judged by people."""
