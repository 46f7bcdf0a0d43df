#!/usr/bin/env bash
# Installs and builds what `npm run bench -- languages` compares with. Debian 12, as root, once.
set -euo pipefail
cd "$(dirname "$0")"
apt-get update -qq
apt-get install -y -qq --no-install-recommends \
  gcc cargo default-jdk-headless erlang-base python3 \
  libnetty-java librust-bytes-dev librust-futures-dev librust-tokio+full-dev librust-tokio-util-dev >/dev/null
mkdir -p built
gcc -O2 -o built/sender sender.c
gcc -O2 -o built/place place.c
# Debian's own crates: nothing is fetched.
CARGO_HOME="$PWD/built/cargo" CARGO_TARGET_DIR="$PWD/built/rust" cargo build --release --offline --quiet \
  --manifest-path rust/Cargo.toml \
  --config 'source.crates-io.replace-with="debian"' --config 'source.debian.directory="/usr/share/cargo/registry"'
javac -d built -cp '/usr/share/java/*' Netty.java
erlc -o built receiver.erl
npm install --prefix built --no-save --silent --no-audit --no-fund bun@1 deno@2
echo 'built'
