#!/usr/bin/env bash
# Builds the images and runs the tests that need a container engine; without one, says so and does nothing.
set -euo pipefail
cd "$(dirname "$0")/../.."

if ! docker version --format '{{.Server.Version}}' >/dev/null 2>&1; then
  echo "No container engine can be reached (is Docker installed and running?): the Docker tests are left out."
  exit 0
fi
docker/images.sh
npm run --silent build
exec node --experimental-vm-modules --no-warnings node_modules/jest/bin/jest.js --config test/docker/jest.config.ts \
  --runInBand "$@"
