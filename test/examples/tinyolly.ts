/** What TinyOlly ships, as its requirements name it. */

export const imageNames = ["python-base", "ui", "otlp-receiver", "opamp-server", "otel-supervisor"] as const;

export const platforms = ["linux/amd64", "linux/arm64"] as const;
