#!/usr/bin/env bash
# Builds the images of all three programs, or of those that are named. The base image comes from the registry; where
# none can be reached it is made by base-image.sh.
set -euo pipefail
cd "$(dirname "$0")/.."

version=$(node -p 'require("./package.json").version')
revision=$(git rev-parse --short HEAD 2>/dev/null || echo unknown)
node_version=$(sed -n 's/^ARG NODE_VERSION=//p' docker/Dockerfile)
base="node:$node_version-bookworm-slim"
docker image inspect "$base" >/dev/null 2>&1 || docker pull --quiet "$base" 2>/dev/null || docker/base-image.sh

arguments=(--file docker/Dockerfile --build-arg "VERSION=$version" --build-arg "REVISION=$revision")
if docker image inspect loadstone-build-base >/dev/null 2>&1; then
  arguments+=(--network host --build-arg BUILD_IMAGE=loadstone-build-base)
fi
# Clients without the buildx plugin have only the older builder.
docker buildx version >/dev/null 2>&1 || export DOCKER_BUILDKIT=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for target in "${@:-beacon devnet overseer}"; do
  for one in $target; do
    docker build "${arguments[@]}" --target "$one" --tag "loadstone-$one:$version" . >"$log" 2>&1 ||
      { tail -30 "$log" >&2; exit 1; }
    docker image inspect --format "loadstone-$one:$version  {{.Size}} bytes" "loadstone-$one:$version"
  done
done
