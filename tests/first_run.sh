#!/usr/bin/env bash
# A first run by hand, on a machine that has next to nothing: a folder with blanks and umlauts, no compiler, no home that can
# be written, the C locale, no root, and no network once it is set up. For each Python given: set up, then the tiny graph.
#   tests/first_run.sh python3.11 python3.12 python3.13        (as root it goes on as nobody; GOAL=… runs a part of the graph)
set -euo pipefail
source=$(cd "$(dirname "$0")/.." && pwd)
base=$(mktemp -d)
chmod 755 "$base"
trap 'rm -rf "$base"' EXIT

# All programs but compilers.
mkdir "$base/bin"
IFS=: read -ra places <<<"$PATH"
for place in "${places[@]}"; do
    for program in "$place"/*; do
        name=${program##*/}
        case $name in cc | c++ | gcc* | g++* | c89* | c99* | clang* | cpp* | ld | ld.* | as | nvcc | *-linux-gnu-*) continue ;; esac
        [ -x "$program" ] && [ ! -e "$base/bin/$name" ] && ln -s "$program" "$base/bin/$name"
    done
done

nobody=()
[ "$(id -u)" = 0 ] && nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
offline=(unshare --user --map-current-user --net)
"${nobody[@]}" "${offline[@]}" true 2>/dev/null || { offline=(); echo "no network name spaces here: the network stays on"; }
poor=(env -i "PATH=$base/bin" HOME=/dev/null LC_ALL=C "PIP_FIND_LINKS=${PIP_FIND_LINKS:-}")
[ -n "${PIP_CERT:-}" ] && poor+=("PIP_CERT=$PIP_CERT" "SSL_CERT_FILE=$PIP_CERT")

status=0
for python in "$@"; do
    folder="$base/my clone (ü) $(basename "$python")"
    mkdir "$folder"
    (cd "$source" && git ls-files -z | xargs -0 cp --parents -t "$folder")
    [ ${#nobody[@]} = 0 ] || chown -R 65534:65534 "$folder"
    cd "$folder"
    began=$SECONDS
    if "${poor[@]}" "${nobody[@]}" make --no-print-directory .venv/ready "PYTHON=$(command -v "$python")" >set-up.log 2>&1; then
        echo "$python: set up in $((SECONDS - began)) s"
    else
        echo "$python: NOT set up: $(tail -n 3 set-up.log)"
        status=1
        continue
    fi
    began=$SECONDS
    run=("PATH=$folder/.venv/bin:$base/bin" "XDG_CACHE_HOME=$folder/.snakemake/cache")
    # shellcheck disable=SC2086 - several goals
    if "${poor[@]}" "${run[@]}" "${nobody[@]}" "${offline[@]}" snakemake ${GOAL:-all} --cores 2 --configfile config/tiny.yaml >run.log 2>&1; then
        echo "$python: the graph ran in $((SECONDS - began)) s"
    else
        echo "$python: the graph did NOT run: $(tail -n 20 run.log)"
        status=1
    fi
    cd "$base" && rm -rf "$folder"
done
exit $status
