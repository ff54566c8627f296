#!/usr/bin/env bash
# Gets the contracts that an Antelope network is set up with into a folder: docker/antelope/contracts.sh FOLDER
# They are those that Spring has in its sources, of the same version as the nodes, and are taken only as they were when
# these sums were made.
set -euo pipefail

version=v1.2.2
base=https://raw.githubusercontent.com/AntelopeIO/spring/$version
folder=${1:?which folder?}
mkdir -p "$folder"
cd "$folder"

while read -r sum path; do
  curl --fail --silent --show-error --location --output "$(basename "$path")" "$base/$path"
  echo "$sum  $(basename "$path")" | sha256sum --check --quiet
done <<'END'
b295aa0b211e671c215469bdea1f57707849bf0b9a44d0c0a64ddb90244518eb unittests/contracts/eosio.boot/eosio.boot.wasm
c85e37024905c7c8158005078d8adbeb749301e87b9a8e07c0ed3b7df083a445 unittests/contracts/eosio.boot/eosio.boot.abi
3008f6f5414eb0f3a2d26e0307881eea19c46cfee646fbbdbea0b84b7765abe5 libraries/testing/contracts/eosio.bios/eosio.bios.wasm
23f5cdf71c9d35ccd9f3269a2ce3bead4735f5d4f97ae26e3137a5bb9adb18aa libraries/testing/contracts/eosio.bios/eosio.bios.abi
4c76fdcd411cafbf3af1c0987bbb093bac2bfd2e8a669f12feae785ffd43a7c3 unittests/contracts/eosio.token/eosio.token.wasm
ad308ef35944af5b0850a76a3d8d5ec063fba2d8e6269132fccecf3ac3934126 unittests/contracts/eosio.token/eosio.token.abi
fd587592ca2f8db5d14d15a4b50fc9b2d351ff83af11241ee7489ba9986f14cf unittests/contracts/eosio.system/eosio.system.wasm
9c1c2906cefdbb73ed980d99a2a8f3c337688c3d59229aba44d54787945dddd3 unittests/contracts/eosio.system/eosio.system.abi
END
echo "$folder: contracts of Spring $version"
