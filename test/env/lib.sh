# Shell functions that the scripts under test/ share; sourced, never run.

# TOP is the root of the source tree.
TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

if [ "$(id -u)" = 0 ]; then
    CACHE=${CASSANDRA_FDW_CACHE:-/var/cache/cassandra_fdw}
else
    CACHE=${CASSANDRA_FDW_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cassandra_fdw}
fi
export CASSANDRA_FDW_CACHE=$CACHE
export PYTHONDONTWRITEBYTECODE=1

die() {
    echo "$(basename "$0"): $*" >&2
    exit 1
}

# The pg_config to build with: one whose PGXS, headers and server are
# installed (Debian's client package alone brings PGXS).
find_pg_config() {
    local candidate
    for candidate in "${PG_CONFIG:-}" "$(command -v pg_config)" \
        $(printf '%s\n' /usr/lib/postgresql/*/bin/pg_config | sort -rV); do
        [ -x "$candidate" ] || continue
        [ -f "$("$candidate" --pgxs)" ] || continue
        [ -f "$("$candidate" --includedir-server)/postgres.h" ] || continue
        [ -x "$("$candidate" --bindir)/initdb" ] || continue
        echo "$candidate"
        return 0
    done
    return 1
}

# The user PostgreSQL's server runs as: it refuses to be root.
server_user() {
    if [ "$(id -u)" != 0 ]; then
        id -un
    elif id postgres >/dev/null 2>&1; then
        echo postgres
    else
        echo nobody
    fi
}

# Runs a command as that user; the environment goes along.
as_server_user() {
    if [ "$(id -u)" != 0 ]; then
        "$@"
    else
        local user
        user=$(server_user)
        setpriv --reuid "$user" --regid "$(id -g "$user")" --init-groups -- \
            "$@"
    fi
}

# A number of seconds with one decimal since a value of now_ms.
now_ms() {
    date +%s%3N
}

seconds_since() {
    local ms=$(($(now_ms) - $1))
    printf '%d.%d' $((ms / 1000)) $((ms % 1000 / 100))
}

# The first of our loopback addresses where nothing listens on port $1.
# CASSANDRA_FDW_ADDRESS chooses one by hand.
free_base_address() {
    local third
    if [ -n "${CASSANDRA_FDW_ADDRESS:-}" ]; then
        echo "$CASSANDRA_FDW_ADDRESS"
        return
    fi
    for third in 0 10 20 30 40 50 60; do
        if ! (exec 3<>"/dev/tcp/127.0.$third.1/$1") 2>/dev/null; then
            echo "127.0.$third.1"
            return
        fi
    done
    die "something listens on port $1 of every address we would take"
}

# cached_python NAME PACKAGES: a Python that has these packages, made once in
# the cache; when the list of packages changes, what is missing is added.
cached_python() {
    local packages=$2
    local venv=$CACHE/$1-$(python3 -c 'import sys
print("%d.%d" % sys.version_info[:2])')
    (
        mkdir -p "$CACHE"
        exec 9>"$CACHE/.$1-lock"
        flock 9
        if [ ! -e "$venv/complete" ]; then
            rm -rf "$venv"
            python3 -m venv "$venv" || exit 1
        fi
        if [ "$(cat "$venv/complete" 2>/dev/null)" != "$packages" ]; then
            # shellcheck disable=SC2086
            "$venv/bin/pip" install -q --use-pep517 $packages >&2 &&
                echo "$packages" >"$venv/complete"
        fi
    ) || die "could not install $packages"
    echo "$venv/bin/python"
}

# A Python with the DataStax driver, cqlsh and psycopg.
driver_python() {
    cached_python venv "cassandra-driver cqlsh psycopg[binary]"
}

# A Python that draws.
plots_python() {
    cached_python venv-plots matplotlib
}
