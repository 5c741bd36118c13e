#!/usr/bin/env bash
# Call the profiles API from a shell: examples/call.sh ENVIRONMENT CLIENT PROFILE_URI
# Needs bash 5, aws, curl, jq and flock. No secret and no token is in an argument, in the environment, in a world-readable
# file or in the output: curl reads both from a pipe (--config -). The token is kept in a file that only you can read, and
# renewed at 70 to 80 % of its life, once for all who call at the same time; after a 401 the call is made once more.
set -euo pipefail
umask 077

[[ $# -eq 3 ]] || { echo "usage: $0 ENVIRONMENT CLIENT PROFILE_URI" >&2; exit 2; }
environment=$1 client=$2 uri=$3
cache="${XDG_RUNTIME_DIR:-$HOME/.cache}/otto-m2m/$environment-$client.token"
made=0 renewal=0 end=0 token="" # what the file holds: three times in seconds since the epoch, and the token

discover() { aws ssm get-parameter --name "/otto/$environment/m2m/$1" --query Parameter.Value --output text; }

load() { [[ ! -s $cache ]] || read -r made renewal end token <"$cache"; }

request() { # a new token's life in seconds, and the token, from credentials that are read again
  aws secretsmanager get-secret-value --secret-id "otto/$environment/clients/$client" --query SecretString --output text |
    jq --raw-output '"user = \("\(.client_id):\(.client_secret)" | @json)"' |
    curl --silent --show-error --fail-with-body --max-time 15 --config - \
      --data grant_type=client_credentials "$(discover token-endpoint)" |
    jq --raw-output '"\(.expires_in) \(.access_token)"'
}

renew() { # $1: the token that the API refused, if it did. Whoever waits for the lock finds the token of who had it before
  local refused=${1-} answer now life
  flock 9
  load
  now=$(date +%s)
  if [[ $token != "$refused" && $renewal -gt $now ]]; then return; fi
  if answer=$(request); then
    life=${answer%% *} token=${answer#* }
    made=$now renewal=$((now + life * (70 + RANDOM % 11) / 100)) end=$((now + life))
  elif [[ $token != "$refused" && $end -gt $((now + 30)) ]]; then
    renewal=$((now + (end - now) / 2)) # it lives on: try again when half of the rest is gone
  else
    echo "$0: no token for $client in $environment" >&2
    exit 1
  fi
  echo "$made $renewal $end $token" >"$cache.new"
  mv "$cache.new" "$cache"
} 9>"$cache.lock"

call() { # the body, then the status on a line of its own
  echo "header = \"Authorization: Bearer $token\"" |
    curl --silent --show-error --max-time 15 --config - --write-out '\n%{http_code}' \
      --get --data-urlencode "uri=$uri" "$(discover profiles-api-url)"
}

mkdir -p "$(dirname "$cache")"
load
[[ $renewal -gt $(date +%s) ]] || renew
answer=$(call)
# A token of less than a minute that is refused lacks the scope: so would the next, and each is billed.
if [[ ${answer##*$'\n'} == 401 && $made -lt $(($(date +%s) - 60)) ]]; then
  renew "$token"
  answer=$(call)
fi
echo "${answer%$'\n'*}"
[[ ${answer##*$'\n'} == 200 ]] || { echo "$0: the profiles API answered ${answer##*$'\n'}" >&2; exit 1; }
