# Empty Debian or Ubuntu systems in directories; sourced by scripts that
# try the tree there.  Needs root, debootstrap, and the network as this
# machine has it: its mirrors, certificates and settings go along.

# The mirror this machine's own apt uses for a Debian or Ubuntu archive.
apt_mirror() {
    { cat /etc/apt/sources.list /etc/apt/sources.list.d/* || true; } 2>/dev/null |
        sed -nE 's/^URIs: *([^ ]+).*/\1/p
            s/^deb( \[[^]]*\])? ([^ ]+).*/\2/p' |
        grep -E '(debian|ubuntu)/?$' | head -n 1
}

# Where Debian's packages come from: this machine's mirror, if it is one.
debian_mirror() {
    local mirror
    mirror=${DEBIAN_MIRROR:-$(apt_mirror)}
    case $mirror in
    *debian | *debian/) echo "${mirror%/}" ;;
    *) echo http://deb.debian.org/debian ;;
    esac
}

# bootstrap DIR SUITE: Debian's suites, and Ubuntu's noble and later.
bootstrap() {
    local dir=$1 suite=$2 mirror options=(--variant=minbase)
    local keys=/usr/share/keyrings/ubuntu-archive-keyring.gpg
    case $suite in
    noble | oracular | plucky | questing)
        mirror=${UBUNTU_MIRROR:-http://archive.ubuntu.com/ubuntu}
        options+=(--components=main,universe)
        # Debian has no keys of Ubuntu; apt checks again, with Ubuntu's own.
        if [ -e "$keys" ]; then
            options+=("--keyring=$keys")
        else
            options+=(--no-check-gpg)
        fi
        debootstrap "${options[@]}" "$suite" "$dir" "$mirror" \
            /usr/share/debootstrap/scripts/gutsy
        ;;
    *)
        debootstrap "${options[@]}" "$suite" "$dir" "$(debian_mirror)"
        ;;
    esac
}

# The suite as debootstrap leaves it, from the cache when it was made before.
unpack() {
    local dir=$1 suite=$2 base=$CACHE/base-$2.tar
    if [ ! -e "$base" ]; then
        bootstrap "$dir" "$suite" || return 1
        tar -C "$dir" --one-file-system --exclude=./proc -cf "$base.new" . &&
            mv "$base.new" "$base"
        return
    fi
    mkdir -p "$dir/proc" && tar -C "$dir" -xpf "$base"
}

# make_system DIR SUITE: an empty system, once; packages are kept.  It is
# this process's until the next one is made, or the process ends.
make_system() {
    local dir=$1 suite=$2
    mkdir -p "$CACHE"
    exec 8>"$dir.lock"
    flock 8
    [ "$(id -u)" = 0 ] || die "this needs root"
    command -v debootstrap >/dev/null || die "debootstrap is not installed"
    if [ ! -e "$dir/complete" ]; then
        rm -rf "$dir"
        unpack "$dir" "$suite" >&2 || die "debootstrap of $suite failed"
        copy_network_settings "$dir"
        copy_trust "$dir"
        touch "$dir/complete"
    fi
    mount_system "$dir"
}

# How this machine reaches its mirrors goes along: names, proxies, trust,
# and the settings of apt, pip and Maven as far as they are there.
copy_network_settings() {
    local dir=$1 file
    for file in /etc/resolv.conf /etc/hosts /etc/pip.conf \
        /etc/maven/settings.xml \
        "$HOME/.m2/settings.xml" "$HOME/.config/pip/pip.conf" \
        "${PIP_CONFIG_FILE:-/nonexistent}"; do
        [ -e "$file" ] || continue
        mkdir -p "$dir$(dirname "$file")"
        cp -L "$file" "$dir$file"
    done
    for file in /etc/apt/apt.conf /etc/apt/apt.conf.d/*; do
        if [ -e "$file" ] && grep -qiE 'proxy|Acquire::' "$file"; then
            cp -L "$file" "$dir$file"
        fi
    done
}

# What this machine trusts, so that the packages of the new system (and
# Java's own store, which follows them) trust it from their installation on.
copy_trust() {
    local trust=$1/usr/local/share/ca-certificates
    mkdir -p "$trust" "$1/etc/ssl/certs"
    [ -e /etc/ssl/certs/ca-certificates.crt ] || return 0
    cp -L /etc/ssl/certs/ca-certificates.crt "$1/etc/ssl/certs/"
    awk -v dir="$trust" '/BEGIN CERT/ { file = dir "/machine-" ++n ".crt" }
        file { print > file }
        /END CERT/ { close(file); file = "" }' \
        /etc/ssl/certs/ca-certificates.crt
}

mount_system() {
    local dir=$1
    # Java finds the space left by the mount a file is on: / has to be one.
    mountpoint -q "$dir" || mount --bind "$dir" "$dir"
    mountpoint -q "$dir/proc" || mount -t proc proc "$dir/proc"
    mountpoint -q "$dir/dev/shm" || {
        mkdir -p "$dir/dev/shm"
        mount -t tmpfs tmpfs "$dir/dev/shm"
    }
    [ -e "$dir/dev/fd" ] || ln -s /proc/self/fd "$dir/dev/fd"
}

unmount_system() {
    umount "$1/dev/shm" "$1/proc" "$1" 2>/dev/null || true
}

# in_system DIR command...: with this machine's settings of proxies.
in_system() {
    local dir=$1 name kept=()
    shift
    for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY \
        NO_PROXY MAVEN_OPTS PIP_INDEX_URL PIP_CERT SSL_CERT_FILE \
        NODE_EXTRA_CA_CERTS; do
        [ -z "${!name:-}" ] || kept+=("$name=${!name}")
    done
    env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        HOME=/root LC_ALL=C.UTF-8 TERM="${TERM:-dumb}" "${kept[@]}" \
        chroot "$dir" "$@"
}
