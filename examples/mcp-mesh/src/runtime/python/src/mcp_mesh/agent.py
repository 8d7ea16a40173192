"""An agent: it says to the registry that it is there."""

import json
import urllib.request
from dataclasses import asdict, dataclass, field


@dataclass
class Agent:
    """What an agent says of itself."""

    name: str
    endpoint: str = ""
    capabilities: list[str] = field(default_factory=list)

    def register(self, registry_url: str, timeout_seconds: float = 10) -> dict:
        """Registers the agent and returns what the registry has noted.

        Raises urllib.error.URLError where the registry refuses, or is not there.
        """
        request = urllib.request.Request(
            f"{registry_url.rstrip('/')}/agents/register",
            data=json.dumps(asdict(self)).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=timeout_seconds) as response:
            return json.load(response)
