import json
import threading
import unittest
import urllib.error
from http.server import BaseHTTPRequestHandler, HTTPServer

from mcp_mesh import Agent


class Registry(BaseHTTPRequestHandler):
    """Accepts agents that have an endpoint."""

    def do_POST(self):
        agent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        accepted = self.path == "/agents/register" and agent["endpoint"] != ""
        self.send_response(201 if accepted else 400)
        self.end_headers()
        self.wfile.write(json.dumps(agent).encode())

    def log_message(self, *_arguments):
        pass


class AgentTest(unittest.TestCase):
    def setUp(self):
        self.server = HTTPServer(("127.0.0.1", 0), Registry)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/"

    def tearDown(self):
        self.server.shutdown()
        self.server.server_close()

    def test_registers(self):
        noted = Agent("greeter", "http://greeter:9000", ["greet"]).register(self.url)
        self.assertEqual(
            noted, {"name": "greeter", "endpoint": "http://greeter:9000", "capabilities": ["greet"]}
        )

    def test_says_that_it_was_refused(self):
        with self.assertRaises(urllib.error.HTTPError):
            Agent("greeter").register(self.url)


if __name__ == "__main__":
    unittest.main()
