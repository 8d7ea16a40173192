# The context `program` is a folder with the program for the platform: the program of the release, or
# docker build --build-context program=dist/linux_amd64 --file packaging/docker/cli.Dockerfile .
FROM mcpmesh/python-runtime:latest
COPY --from=program meshctl /usr/local/bin/meshctl
ENTRYPOINT ["/usr/local/bin/meshctl"]
CMD ["help"]
