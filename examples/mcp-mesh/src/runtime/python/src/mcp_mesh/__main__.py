"""`python -m mcp_mesh --version`, or `python -m mcp_mesh NAME [REGISTRY]` to register an agent."""

import argparse
import os

from . import Agent, __version__


def main() -> None:
    parser = argparse.ArgumentParser(prog="mcp_mesh", description="Registers an agent in a mesh.")
    parser.add_argument("--version", action="version", version=f"mcp-mesh {__version__}")
    parser.add_argument("name", help="name of the agent")
    parser.add_argument(
        "registry", nargs="?", default=os.environ.get("MCP_MESH_REGISTRY_URL", "http://localhost:8000")
    )
    arguments = parser.parse_args()
    print(Agent(arguments.name).register(arguments.registry))


if __name__ == "__main__":
    main()
