"""Which ganvas this is."""

from importlib.metadata import version

VERSION = version("ganvas")
