#!/usr/bin/env bash
# Sees to it that a Docker engine answers, with compose and what makes images without a registry. Where it may, it installs
# what is missing from Debian's packages and starts the engine, which then goes on running. For CI, and for bare machines;
# it changes nothing where all is there.
set -euo pipefail

# Most seconds until a started engine answers.
ANSWER_SECONDS=60

has_compose() { docker compose version >/dev/null 2>&1 || docker-compose version >/dev/null 2>&1; }

packages=()
if ! docker info >/dev/null 2>&1; then
  command -v dockerd >/dev/null || packages+=(docker.io iptables)
fi
has_compose || packages+=(docker-compose)
command -v mmdebstrap >/dev/null || packages+=(mmdebstrap)

if ((${#packages[@]} > 0)); then
  if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
    echo "Missing here: ${packages[*]}. Only root on Debian or Ubuntu can have them installed: install Docker yourself." >&2
    exit 1
  fi
  echo "Installing ${packages[*]} …"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi

if ! docker info >/dev/null 2>&1; then
  if [[ $(id -u) != 0 ]]; then
    echo "No Docker engine answers, and only root can start one: start it, or ask for the right to use it." >&2
    exit 1
  fi
  log=$(mktemp --tmpdir dockerd.XXXXXX.log)
  echo "Starting a Docker engine, whose log is $log …"
  setsid nohup dockerd >"$log" 2>&1 </dev/null &
  for ((second = 0; second < ANSWER_SECONDS; second++)); do
    docker info >/dev/null 2>&1 && break
    sleep 1
  done
  if ! docker info >/dev/null 2>&1; then
    echo "The Docker engine does not answer after $ANSWER_SECONDS s. The end of its log:" >&2
    tail -n 5 "$log" >&2
    exit 1
  fi
fi
echo "Docker engine $(docker version --format '{{.Server.Version}}') answers."
