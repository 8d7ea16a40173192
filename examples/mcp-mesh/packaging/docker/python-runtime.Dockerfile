ARG PYTHON_IMAGE=docker.io/library/python:3.11.11-slim-bookworm@sha256:081075da77b2b55c23c088251026fb69a7b2bf92471e491ff5fd75c192fd38e5

FROM ${PYTHON_IMAGE}
COPY src/runtime/python/src /opt/mcp-mesh
ENV PYTHONPATH=/opt/mcp-mesh PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 65532:65532
ENTRYPOINT ["python", "-m", "mcp_mesh"]
CMD ["--help"]
