#!/usr/bin/env bash
# What a bare Debian needs to run the workflow: a few packages, then the Makefile's own set-up in the folder above.
# Dockerfile and dnalm.def both call this; try.sh runs it without a container engine.
set -euo pipefail
cd "$(dirname "$0")/.."
export DEBIAN_FRONTEND=noninteractive PIP_NO_CACHE_DIR=1 UV_NO_CACHE=1
apt-get update -qq
apt-get install -y -qq --no-install-recommends bedtools ca-certificates make python3 python3-venv
make .venv/ready
rm -rf /var/lib/apt/lists/*
chmod -R a+rX .
