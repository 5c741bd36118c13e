#!/usr/bin/env bash
# Call the profiles API from a shell: call.sh ENVIRONMENT CLIENT PROFILE_URI [SECRET]
# SECRET is the name or ARN of another secret to read, such as the one that Cognito keeps of a client made by hand.
# Needs Linux with bash 5, aws, curl, jq, flock and timeout. The profile goes to stdout, why there is none to stderr.
#
# - The token is kept in a file that only you can read, and renewed at 70 to 80 % of its life, in the background: a call
#   that has a good token waits for nothing but the API. Without one it fails within 45 seconds and says why.
# - One renewal at a time for all who share the file; they share its failure too. After one, the next try comes after a
#   pause that grows, has some chance in it, and honours Retry-After.
# - An answer is checked whole before it replaces anything. After a 401 a token older than a minute is renewed, once.
# - No secret and no token is in an argument, in the environment, in a world-readable file or in the output: curl reads
#   both from a pipe. ~/.curlrc, ~/.netrc and ~/.jq are not read, and there need be no HOME.
# - Ages are of the machine's uptime, which nobody can set.
# shellcheck disable=SC2016 # what looks like variables is jq's
{ set +xa; } 2>/dev/null
set -euo pipefail
umask 077
unset token fresh value answer # what the environment had by these names would be exported

name=${0##*/}
fail() { echo "$name: $*" >&2; exit 1; }

[[ ($# -eq 3 || $# -eq 4) && $1 =~ ^[a-z0-9-]+$ && $2 =~ ^[a-z0-9-]+$ && ${4-x} =~ ^[A-Za-z0-9/_+=.@:!-]+$ ]] ||
  { echo "usage: $0 ENVIRONMENT CLIENT PROFILE_URI [SECRET]" >&2; exit 2; }
environment=$1 client=$2 uri=$3 secret=${4-otto/$1/clients/$2}
for program in aws curl jq flock timeout; do
  command -v "$program" >/dev/null || fail "install $program"
done

if [[ -n ${XDG_RUNTIME_DIR-} ]]; then folder=$XDG_RUNTIME_DIR/otto-m2m
elif [[ -n ${HOME-} && -w $HOME ]]; then folder=$HOME/.cache/otto-m2m
else folder=${TMPDIR:-/tmp}/otto-m2m-$EUID; fi
mkdir -p "$folder"
[[ -O $folder && ! -L $folder ]] || fail "$folder belongs to somebody else"
chmod 700 "$folder"
kept=$folder/$environment-$client
boot=$(</proc/sys/kernel/random/boot_id)

now() { local up; read -r up _ </proc/uptime; echo "${up%.*}"; }

load() { # what the files hold; of another boot, or of another form, nothing
  local of
  made=0 due=0 end=0 url="" token="" failures=0 until=0 reason=""
  if ! read -r of made due end url token <"$kept.token" || [[ $of != "$boot" ]] ||
    [[ ! "$made $due $end" =~ ^[0-9]{1,12}\ [0-9]{1,12}\ [0-9]{1,12}$ || ! $token =~ ^[A-Za-z0-9._~+/-]+=*$ ]]; then
    made=0 due=0 end=0 url="" token=""
  fi 2>/dev/null
  if ! read -r of failures until reason <"$kept.failure" || [[ $of != "$boot" ]] ||
    [[ ! "$failures $until" =~ ^[0-9]{1,6}\ [0-9]{1,12}$ ]]; then
    failures=0 until=0 reason=""
  fi 2>/dev/null
}

save() { # save NAME WORD…: whole or not at all
  echo "${*:2}" >"$kept.$1.new"
  mv "$kept.$1.new" "$kept.$1"
}

query() { HOME=/dev/null jq --raw-output "$@" 2>/dev/null; } # its own words would quote what it reads

ask_aws() { # ask_aws PART NAME ARGUMENT…: what AWS holds under the name as `value`, or why not as `reason`
  if value=$(AWS_PAGER="" AWS_MAX_ATTEMPTS=2 timeout 12 aws "${@:3}" --output text --region us-east-1 \
    --cli-connect-timeout 2 --cli-read-timeout 4 2>"$kept.errors"); then return; fi
  [[ $(<"$kept.errors") =~ \(([A-Za-z]{1,60})\) ]] || true
  reason="$1: $2: ${BASH_REMATCH[1]:-no answer}"
  return 1
}

discover() { # discover NAME: an address as `value`, which must be https, or plain http to this machine
  local parameter=/otto/$environment/m2m/$1
  ask_aws addresses "$parameter" ssm get-parameter --name "$parameter" --query Parameter.Value || return 1
  if [[ $value =~ ^https://[^/@[:space:]]+(/[^[:space:]]*)?$ ]]; then return; fi
  if [[ $value =~ ^http://(127\.0\.0\.1|([a-z0-9.-]+\.)?localhost)(:[0-9]+)?(/[^[:space:]]*)?$ ]]; then return; fi
  reason="addresses: $parameter is no https address"
  return 1
}

get() { # get ARGUMENT…: curl without dotfiles, with a configuration from stdin; the body, then the status on its own line
  local proxy=()
  [[ ${*: -1} != http:* ]] || proxy=(--noproxy '*') # a proxy would read what goes to this machine alone
  curl --disable --silent --globoff --connect-timeout 5 "${proxy[@]}" --config - --write-out '\n%{http_code}' "$@"
}

request() { # a new token as `life` and `fresh`, and the API's `url`; or why not as `reason`, and `wait` in seconds
  local endpoint answer status known
  wait=0 value="" life="" fresh=""
  discover token-endpoint || return 1
  endpoint=$value
  discover profiles-api-url || return 1
  url=$value
  ask_aws credentials "$secret" secretsmanager get-secret-value --secret-id "$secret" --query SecretString || return 1
  reason="credentials: $secret: not JSON with client_id and client_secret"
  # The client's id is in the form as well: AWS's audit log shows the form, not who sent Basic.
  value=$(echo "$value" | query 'def text: if type == "string" and test("^[ -~]+$") then . else error("") end;
    ((.client_id // .userPoolClientId) | text) as $id | ((.client_secret // .clientSecretValue) | text) as $secret |
    "user = \("\($id):\($secret)" | @json)\ndata-urlencode = \("client_id=\($id)" | @json)"') && [[ -n $value ]] ||
    return 1
  reason="token endpoint: no answer"
  answer=$(echo "$value" | get --max-time 8 --dump-header "$kept.headers" --data grant_type=client_credentials "$endpoint") ||
    return 1
  value="" status=${answer##*$'\n'} answer=${answer%$'\n'*}
  wait=$(read_pause)
  known=$(echo "$answer" | query 'objects | .error | strings | select(IN("invalid_client", "invalid_grant",
    "unauthorized_client", "invalid_scope", "invalid_request", "unsupported_grant_type", "access_denied"))') || known=""
  if [[ $status == 40[013] && -n $known ]]; then reason="refused: $known"; return 1; fi
  reason="token endpoint: status $status"
  [[ $status == 200 ]] || return 1
  reason+=" without a usable token"
  answer=$(echo "$answer" | query 'objects | select((.token_type | ascii_downcase) == "bearer") |
    (.access_token | strings | select(test("^[A-Za-z0-9._~+/-]+=*$"))) as $token |
    (.expires_in | if . == null then 300 else tonumber end | [floor, 86400] | min | select(. > 0)) as $life |
    "\($life) \($token)"') || return 1
  [[ $answer =~ ^[0-9]+\ [^[:space:]]+$ ]] || return 1
  life=${answer% *} fresh=${answer#* }
}

read_pause() { # Retry-After in seconds (RFC 9110 §10.2.3), ten minutes at most
  local sent
  sent=$(sed --quiet 's/\r$//; s/^retry-after: *//Ip' "$kept.headers" | tail -n 1)
  if [[ ! $sent =~ ^[0-9]{1,9}$ ]]; then
    sent=$([[ $sent == *GMT ]] && date --date "$sent" +%s 2>/dev/null || echo 0)
    sent=$((sent > EPOCHSECONDS ? sent - EPOCHSECONDS : 0))
  fi
  echo $((sent > 600 ? 600 : 10#$sent))
}

is_good() { [[ -n $token && $token != "$refused" && $(now) -lt $end ]]; }

renew() { # renew REFUSED: whoever waits for the lock finds what the one before found; `token`, or a failure with `reason`
  local refused=${1-} asked most
  flock "${@:2}" 9 || { reason="token endpoint: no answer within 45 s"; return 1; }
  load
  if is_good && [[ $(now) -lt $due ]]; then return; fi
  if [[ $(now) -lt $until ]]; then return 1; fi
  asked=$(now)
  if request; then
    made=$asked
    due=$((made + life * (70 + RANDOM % 11) / 100)) end=$((made + life - (life < 300 ? life / 10 : 30))) token=$fresh
    save token "$boot" "$made" "$due" "$end" "$url" "$token"
    rm -f "$kept.failure"
    return
  fi
  most=$((failures < 6 ? 2 << failures : 60))
  most=$((most > 60 ? 60 : most)) wait=$((wait + wait * (RANDOM % 11) / 100))
  until=$((most * (50 + RANDOM % 51) / 100)) until=$(($(now) + (until > wait ? until : wait)))
  save failure "$boot" $((failures + 1)) "$until" "$reason"
  return 1
} 9>"$kept.lock"

call() { # the body, then the status on a line of its own
  echo "header = \"Authorization: Bearer $token\"" | get --max-time 30 --get --data-urlencode "uri=$uri" "$url"
}

load
refused=""
if ! is_good; then
  renew "" --wait 45 || fail "no token for $client in $environment: $reason"
elif [[ $(now) -ge $due && $(now) -ge $until ]]; then
  (renew "" --nonblock) </dev/null >/dev/null 2>&1 &
fi
answer=$(call) || fail "the profiles API gave no answer"
# A token of less than a minute that is refused lacks the scope: so would the next, and each is billed.
if [[ ${answer##*$'\n'} == 401 && $(now) -ge $((made + 60)) ]] && renew "$token" --wait 45; then
  answer=$(call) || fail "the profiles API gave no answer"
fi
status=${answer##*$'\n'} answer=${answer%$'\n'*}
if [[ $status == 200 ]]; then
  printf '%s\n' "$answer"
  exit
fi
detail=$(echo "$answer" | query 'objects | [.detail // .title // empty, (.request_id // empty | "(request \(.))")] | join(" ")') ||
  detail=""
fail "the profiles API answered $status${detail:+: $detail}"
