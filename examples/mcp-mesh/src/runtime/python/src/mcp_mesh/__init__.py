"""Agents of the MCP mesh."""

from .agent import Agent

__all__ = ["Agent", "__version__"]

__version__ = "1.0.0"
