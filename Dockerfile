# An image with weir and the libraries it needs, and nothing to log in to.
FROM debian:12-slim AS build
RUN apt-get update -qq && \
    apt-get install -y -qq --no-install-recommends make gcc libc6-dev >/dev/null
WORKDIR /src
COPY Makefile ./
RUN make deps-build
COPY . .
RUN make build && strip build/release/weir && \
    .ci/closure build/release/weir /image && \
    install -d -o 65532 -g 65532 -m 0700 /image/var/lib/weir && \
    install -d -o 65532 -g 65532 -m 0755 /image/run/weir

FROM scratch
COPY --from=build /image/ /
USER 65532:65532
WORKDIR /var/lib/weir
EXPOSE 6432 9127
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=2s \
    CMD ["/usr/bin/weir", "ping"]
ENTRYPOINT ["/usr/bin/weir"]
