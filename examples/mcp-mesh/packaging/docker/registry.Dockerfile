# The context `program` is a folder with the program for the platform: the program of the release, or
# docker build --build-context program=dist/linux_amd64 --file packaging/docker/registry.Dockerfile .
FROM scratch
COPY --from=program registry /usr/local/bin/registry
USER 65532:65532
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s \
    CMD ["/usr/local/bin/registry", "-healthcheck", "http://localhost:8000/health"]
ENTRYPOINT ["/usr/local/bin/registry"]
