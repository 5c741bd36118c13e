#!/usr/bin/env bash
# Makes .venv (Python packages, Node) and node_modules (the CDK CLI) from the locks, on a machine that has Python alone.
# `install.sh deploy` installs what synth, the access report and a deploy need; `install.sh all` everything.
set -euo pipefail
cd "$(dirname "$0")/.."
case ${1:?expected deploy or all} in
  deploy) lock=requirements.txt omit=--omit=dev ;;
  *) lock=requirements-dev.txt omit=--include=dev ;;
esac
python=${PYTHON:-python3}
log=.venv/install.log

home() { (cd -P .venv 2>/dev/null && cd .. && pwd -P); } # where .venv is, which may be a link
fail() { echo "install: $*" >&2; exit 1; }

# A shell's own settings say where packages come from, and not which of them are installed nor where to.
for name in $(compgen -e); do
  case ${name,,} in
    pip_index_url | pip_extra_index_url | pip_find_links | pip_no_index | pip_trusted_host | pip_cert | pip_client_cert | \
      pip_proxy | pip_retries | pip_timeout | pip_default_timeout | pip_cache_dir | pip_config_file) ;;
    uv_index* | uv_default_index | uv_extra_index_url | uv_find_links | uv_*_tls | uv_http_* | uv_insecure_host | \
      uv_cache_dir | uv_keyring_provider | uv_config_file | uv_link_mode) ;;
    npm_config_registry | npm_config_*proxy | npm_config_*ca | npm_config_cafile | npm_config_strict_ssl | \
      npm_config_cache | npm_config_fetch_* | npm_config_userconfig | npm_config_globalconfig | npm_config__auth*) ;;
    pip_* | uv_* | npm_config_* | node_options | node_env | node_path | pythonhome | pythonpath | pythonstartup | virtual_env) unset "$name" ;;
  esac
done

step() { # step <what> <mend> <command...>: runs quietly; on failure shows the first error and the mend
  local what=$1 mend=$2; shift 2
  echo "install: $what"
  "$@" >"$log" 2>&1 && return
  fail "$what failed: $(grep -iE 'error|no matching|could not|refused|resolve' "$log" | head -n 1 | cut -c 1-300)
  $mend; the whole log is $log"
}

command -v "$python" >/dev/null || fail "no '$python' on PATH: install Python 3.11 or newer, or run make PYTHON=/path/to/python3"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  fail "$("$python" --version) is too old: Python 3.11 or newer is needed; run make PYTHON=/path/to/python3.11"
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
  fail "$python cannot make virtual environments: install its venv package (Debian: apt-get install python3-venv)"

registry="is the package registry reachable (pip config list)?"
# Interrupted, it leaves a Python without pip; moved, programs that begin with the path of before.
[ "$(cat .venv/.home 2>/dev/null)" = "$(home)" ] && .venv/bin/python -m pip --version >/dev/null 2>&1 || "$python" -m venv --clear .venv || fail "could not make .venv with $python"
uv=$(grep -A 30 '^uv==' "$lock" | awk 'NR==1 || /--hash/ {print} NR>1 && !/--hash/ {exit}')
printf '%s\n' "$uv" > .venv/uv.txt
step "uv, which installs the rest from the lock" "$registry" \
  .venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.txt
step "Python packages ($lock)" "$registry" \
  .venv/bin/uv pip sync --quiet --python .venv/bin/python --require-hashes "$lock"
# The callers' package, from this checkout: no build, and nothing without a hash.
.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' | (read -r packages && echo "$PWD/callers/python" >"$packages/otto_m2m.pth")
export PATH="$PWD/.venv/bin:$PATH"
step "the CDK CLI (package-lock.json)" "is the npm registry reachable (npm config get registry)?" npm ci --no-global "$omit"
# What is not there now would be missed by every command, and make would take the installation for done.
step "a try of the CDK" "an installation elsewhere (pip config list)? rm -r .venv, and run make again" .venv/bin/python -c 'import aws_cdk, boto3'
step "a try of its CLI" "settings of npm (npm config ls)? rm -r node_modules, and run make again" node_modules/.bin/cdk --version
home >.venv/.home
