"""TinyOlly's user interface and REST service, a small stand-in: a page, its health, and what the receiver has counted."""

import json
import os
import sys
import urllib.request

PORT = int(os.environ.get("PORT", "5005"))
RECEIVER = os.environ.get("OTLP_RECEIVER_STATUS", "http://otlp-receiver:4344/received")


def fetch(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=3) as answer:
        return answer.read()


if "--health" in sys.argv:
    fetch(f"http://127.0.0.1:{PORT}/health")
    sys.exit(0)

import uvicorn
from fastapi import FastAPI, HTTPException
from fastapi.responses import HTMLResponse

app = FastAPI(title="TinyOlly")


@app.get("/", response_class=HTMLResponse)
def page() -> str:
    return "<!doctype html><title>TinyOlly</title><h1>TinyOlly</h1><p>Received: <a href=/api/received>counts</a></p>"


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/api/received")
def received() -> dict[str, int]:
    try:
        return json.loads(fetch(RECEIVER))
    except OSError as error:
        raise HTTPException(503, f"the receiver does not answer at {RECEIVER}: {error}") from error


if __name__ == "__main__":
    uvicorn.run(app, host="0.0.0.0", port=PORT, log_level="warning")
