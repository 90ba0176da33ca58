#!/usr/bin/env bash
# The Dockerfile's own lines without a container engine, in a clean Debian, and then `make unit` there. As root:
#   containers/try.sh ROOT [FOLDER …]
# ROOT is a new folder. Each FOLDER is seen inside at the same path: where pip's configuration and local wheels are, if
# anywhere. Variables for pip, uv and proxies, the mirror and the certificates of this machine are used inside as well.
set -euo pipefail
# Mounts are this process's own: whatever ends it leaves none behind.
[[ ${TRYING:-} ]] || TRYING=1 exec unshare --mount --propagation private "$0" "$@"
clone=$(cd "$(dirname "$0")/.." && pwd)
root=$1
shift

passed() { env | grep -E '^(PIP|UV)_|_proxy=' | grep -vE '^(PIP_CERT|UV_CACHE_DIR)=' || true; }

# A line's command inside, with what earlier ENV lines said and nothing else of this machine's environment.
inside() {
  mapfile -t variables < <(passed)
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
    "${variables[@]}" "${said[@]}" chroot "$root" bash -c "cd '$folder' && $1"
}

copy() {
  local to="$root${*: -1}"
  mkdir -p "$to"
  (cd "$clone" && cp "${@:1:$#-1}" "$to")
}

start() {
  local mirror
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Release: bookworm' | sed -n 1p || true)
  debootstrap --variant=minbase bookworm "$root" "${mirror:-http://deb.debian.org/debian}"
  install -D -m 644 "${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}" "$root/usr/local/share/ca-certificates/host.crt"
  cp /etc/resolv.conf /etc/hosts "$root/etc/"
  for one in /proc /sys /dev "$@"; do mkdir -p "$root$one" && mount --rbind "$one" "$root$one"; done
  for one in "$@"; do mount -o remount,bind,ro "$root$one"; done
}

said=() folder=/
while read -r word rest; do
  case $word in
    '' | '#'* | CMD) continue ;;
  esac
  echo "== $word $rest"
  case $word in
    FROM) [[ $rest == debian:bookworm-slim ]] && start "$@" ;;
    COPY) copy $rest ;;
    RUN) inside "$rest" ;;
    ENV) said+=("$rest") ;;
    WORKDIR) folder=$rest && mkdir -p "$root$rest" ;;
    *) echo "try.sh does not know $word" >&2 && exit 1 ;;
  esac
done <"$clone/Dockerfile"

echo "== the clone, and make unit"
git -C "$clone" ls-files -z | tar -C "$clone" --null -T - -c | tar -C "$root/opt/dnalm" -x
inside "make -C /opt/dnalm unit"
