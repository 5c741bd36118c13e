#!/usr/bin/env bash
# Call the profiles API from a shell: examples/call.sh ENVIRONMENT CLIENT PROFILE_URI
# Needs aws, curl and jq. No secret and no token is in an argument, in the environment, in a world-readable file or in the
# output: curl reads both from a pipe (--config -). The token is kept for three quarters of its life in a file that only
# you can read; after a 401 the credentials are read again, and the call made once more.
set -euo pipefail
umask 077

[[ $# -eq 3 ]] || { echo "usage: $0 ENVIRONMENT CLIENT PROFILE_URI" >&2; exit 2; }
environment=$1 client=$2 uri=$3
cache="${XDG_RUNTIME_DIR:-$HOME/.cache}/otto-m2m/$environment-$client.token" # first line: when to renew; second: the token

discover() { aws ssm get-parameter --name "/otto/$environment/m2m/$1" --query Parameter.Value --output text; }

renew() {
  aws secretsmanager get-secret-value --secret-id "otto/$environment/clients/$client" --query SecretString --output text |
    jq --raw-output '"user = \("\(.client_id):\(.client_secret)" | @json)"' |
    curl --silent --show-error --fail-with-body --max-time 15 --config - \
      --data grant_type=client_credentials "$(discover token-endpoint)" |
    jq --raw-output '(now + .expires_in * 0.75 | floor), .access_token' >"$cache.$$" || {
    rm -f "$cache.$$"
    echo "$0: no token for $client in $environment" >&2
    exit 1
  }
  mv "$cache.$$" "$cache"
}

call() { # the body, then the status on a line of its own
  sed -n '2s/.*/header = "Authorization: Bearer &"/p' "$cache" |
    curl --silent --show-error --max-time 15 --config - --write-out '\n%{http_code}' \
      --get --data-urlencode "uri=$uri" "$(discover profiles-api-url)"
}

mkdir -p "$(dirname "$cache")"
[[ -s $cache && $(head -n 1 "$cache") -gt $(date +%s) ]] || renew
answer=$(call)
if [[ ${answer##*$'\n'} == 401 ]]; then
  renew
  answer=$(call)
fi
echo "${answer%$'\n'*}"
[[ ${answer##*$'\n'} == 200 ]] || { echo "$0: the profiles API answered ${answer##*$'\n'}" >&2; exit 1; }
