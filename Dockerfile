# docker build -t tierline .
# Both images can be replaced, for registries of one's own: --build-arg RUST_IMAGE=... --build-arg BASE_IMAGE=...
ARG RUST_IMAGE=rust:1.95-bookworm
ARG BASE_IMAGE=debian:bookworm-slim

FROM ${RUST_IMAGE} AS build
# libclang: the bindings to htslib are generated at build time. Versions are those of the base image's Debian release.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc libc6-dev libclang-dev make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
# .dockerignore lets in the manifest, the lock file and the sources.
COPY . .
RUN cargo install --locked --no-track --root /out --path .

FROM ${BASE_IMAGE}
# Workflow engines run `bash -c` in the image and read task metrics with ps.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends bash procps \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 tierline \
    && useradd --uid 10001 --gid 10001 --create-home tierline
COPY --from=build /out/bin/tierline /usr/local/bin/tierline
USER 10001:10001
WORKDIR /data
CMD ["tierline", "--help"]
