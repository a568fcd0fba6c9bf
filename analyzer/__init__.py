"""Reads a service's repository and says what it takes to run it, with the lines that prove it."""

from analyzer.compiler import analyze
from analyzer.tree import SourceTree
from analyzer.witnesses.manifest import read_manifest_of

__all__ = ["SourceTree", "analyze", "read_manifest_of"]
