# PostgreSQL with cassandra_fdw, on its official image (which sets PG_MAJOR
# inside, too):
#
#   docker build -t cassandra_fdw .
#   docker build -t cassandra_fdw:15 --build-arg PG_MAJOR=15 .
#
# The stage "demo" has the loader and the tour of the demo as well: see
# compose.yaml.

ARG PG_MAJOR=17

FROM postgres:${PG_MAJOR}-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends \
    gcc make libc6-dev libssl-dev liblz4-dev libicu-dev \
    postgresql-server-dev-$PG_MAJOR
COPY . /src
RUN make -C /src -j2 && make -C /src install DESTDIR=/out

# OpenSSL and lz4 are there: PostgreSQL wants them, too.
FROM postgres:${PG_MAJOR}-bookworm AS extension
COPY --from=build /out/ /

FROM extension AS demo
RUN apt-get update && apt-get install -y --no-install-recommends \
    python3-minimal libpython3-stdlib && rm -rf /var/lib/apt/lists/*
COPY test/cassandra /demo/cassandra
COPY test/demo /demo/demo

FROM extension
