"""One valid file, and single mutations of it: each is refused with its exact message."""
# ruff: noqa: E501 - the messages are long, and shown as a person sees them

from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import Any

import pytest

from stacks import registry
from tests.registry.sample import CLIENT

ARN = "arn:aws:iam::123456789012:role/lead-enricher"
PURPOSE = "purpose: Looks up the public profile of each new lead."
PROD = "  prod:\n    scopes: [api.read]"
ENVIRONMENTS = CLIENT[CLIENT.index("environments:") :]

NAMED = "a name of 2 to 40 characters (a-z, 0-9 and single hyphens, starting with a letter) such as growth"
REACHED = 'an e-mail address, or a channel in quotes (without them # starts a comment) such as "#otto-growth"'
SENTENCE = "one sentence of 20 to 200 characters on one line, from a capital letter to a full stop"
DATE = "a date such as 2027-06-30"
WHERE = "a mapping of dev, staging or prod, at least one"
SCOPES = "a list of api.read or api.write, at least one"
GRANT = "a mapping of scopes, access_token_minutes, suspended, readers and expected_tokens_per_day"
MINUTES = "a whole number of minutes, 5 to 1440"
TOKENS = "a whole number of tokens, 1 to 12960000"
ROLE = "a role without wildcards, such as arn:aws:iam::123456789012:role/lead-enricher"
KEYS = "owner, contact, purpose, kind, expires, stack or environments"
FILE = "a mapping of owner, contact, purpose, kind, expires, stack and environments"

# What is replaced, by what, and all that is then said: the line and what follows.
MUTATIONS: list[Any] = [
    pytest.param(
        "environments:",
        "stack: Exports\nenvironments:",
        [
            "7: stack: 'Exports' is not a group name, expected a name of 2 to 40 characters (a-z, 0-9 and single hyphens, starting with a letter) such as internal (did you mean 'exports'?)"
        ],
        id="stack_in_upper_case",
    ),
    pytest.param("owner: growth\n", "", [f"2: owner: missing, expected {NAMED}"], id="owner_missing"),
    pytest.param("owner: growth", "owner:", [f"2: owner: nothing is written here, expected {NAMED}"], id="owner_empty"),
    pytest.param("owner: growth", "owner: ~", [f"2: owner: ~ is nothing in YAML, expected {NAMED}"], id="owner_tilde"),
    pytest.param(
        "owner: growth", "owner: yes", [f"2: owner: yes is a boolean in YAML, expected {NAMED}"], id="owner_boolean"
    ),
    pytest.param(
        "owner: growth", "owner: 12", [f"2: owner: 12 is a number in YAML, expected {NAMED}"], id="owner_number"
    ),
    pytest.param(
        "owner: growth", "owner: 0o17", [f"2: owner: '0o17' is not a team, expected {NAMED}"], id="owner_octal"
    ),
    pytest.param(
        "owner: growth",
        "owner: 1:30",
        [f"2: owner: 1:30 is a number in YAML, expected {NAMED}"],
        id="owner_sexagesimal",
    ),
    pytest.param(
        "owner: growth",
        "owner: Growth",
        [f"2: owner: 'Growth' is not a team, expected {NAMED} (did you mean 'growth'?)"],
        id="owner_upper_case",
    ),
    pytest.param(
        "owner: growth",
        "owner: growth team",
        [f"2: owner: 'growth team' is not a team, expected {NAMED} (did you mean 'growth-team'?)"],
        id="owner_two_words",
    ),
    pytest.param(
        "owner: growth",
        "owner: growthTeam",
        [f"2: owner: 'growthTeam' is not a team, expected {NAMED} (did you mean 'growth-team'?)"],
        id="owner_camel_case",
    ),
    pytest.param(
        "owner: growth", "owner: g", [f"2: owner: 'g' is not a team, expected {NAMED}"], id="owner_one_letter"
    ),
    pytest.param(
        "owner: growth",
        "owner: " + "g" * 41,
        [f"2: owner: 'ggggggggggggggggggggggggggggggggggggggggg' is not a team, expected {NAMED}"],
        id="owner_too_long",
    ),
    pytest.param(
        "owner: growth", "owner: [growth]", [f"2: owner: a list is written here, expected {NAMED}"], id="owner_list"
    ),
    pytest.param(
        "owner: growth",
        "owner: {team: growth}",
        [f"2: owner: a mapping is written here, expected {NAMED}"],
        id="owner_mapping",
    ),
    pytest.param(
        "owner: growth",
        'owner: "growth\u202e"',
        [f"2: owner: 'growth\\u202e' is not a team, expected {NAMED} (did you mean 'growth'?)"],
        id="owner_bidi",
    ),
    pytest.param('contact: "#otto-growth"\n', "", [f"2: contact: missing, expected {REACHED}"], id="contact_missing"),
    pytest.param(
        'contact: "#otto-growth"',
        "contact: #otto-growth",
        [f"3: contact: nothing is written here, expected {REACHED}"],
        id="contact_unquoted_channel",
    ),
    pytest.param(
        'contact: "#otto-growth"',
        "contact: somebody",
        [f"3: contact: 'somebody' is not a contact, expected {REACHED}"],
        id="contact_name",
    ),
    pytest.param(
        'contact: "#otto-growth"',
        "contact: https://otto.slack.com",
        [f"3: contact: 'https://otto.slack.com' is not a contact, expected {REACHED}"],
        id="contact_url",
    ),
    pytest.param(
        'contact: "#otto-growth"',
        'contact: "#Otto"',
        [f"3: contact: '#Otto' is not a contact, expected {REACHED}"],
        id="contact_channel_upper",
    ),
    pytest.param(
        'contact: "#otto-growth"',
        "contact: growth@otto",
        [f"3: contact: 'growth@otto' is not a contact, expected {REACHED}"],
        id="contact_half_address",
    ),
    pytest.param(
        "purpose: Looks up the public profile of each new lead.\n",
        "",
        [f"2: purpose: missing, expected {SENTENCE}"],
        id="purpose_missing",
    ),
    pytest.param(
        PURPOSE, "purpose: Reads.", [f"4: purpose: 'Reads.' is not a sentence, expected {SENTENCE}"], id="purpose_short"
    ),
    pytest.param(
        PURPOSE,
        "purpose: L" + "o" * 199 + ".",
        [
            f"4: purpose: 'Loooooooooooooooooooooooooooooooooooooooooooooooooooooooo...' is not a sentence, expected {SENTENCE}"
        ],
        id="purpose_long",
    ),
    pytest.param(
        "new lead.",
        "new lead",
        [f"4: purpose: 'Looks up the public profile of each new lead' is not a sentence, expected {SENTENCE}"],
        id="purpose_no_stop",
    ),
    pytest.param(
        "purpose: Looks",
        "purpose: looks",
        [f"4: purpose: 'looks up the public profile of each new lead.' is not a sentence, expected {SENTENCE}"],
        id="purpose_lower",
    ),
    pytest.param(
        PURPOSE,
        "purpose: |\n  Looks up the public\n  profile of each new lead.",
        [f"4: purpose: 'Looks up the public\\nprofile of each new lead.\\n' is not a sentence, expected {SENTENCE}"],
        id="purpose_two_lines",
    ),
    pytest.param(
        "purpose: Looks up",
        "purpose: Looks: up",
        [
            "4: YAML: mapping values are not allowed in this context: put a text that holds ': ' in quotes, and keep the indentation even"
        ],
        id="purpose_colon",
    ),
    pytest.param(
        "kind: service",
        "kind: testng",
        ["5: kind: unknown kind 'testng', expected service or testing (did you mean 'testing'?)"],
        id="kind_unknown",
    ),
    pytest.param(
        "kind: service",
        "kind: Service",
        ["5: kind: unknown kind 'Service', expected service or testing (did you mean 'service'?)"],
        id="kind_upper",
    ),
    pytest.param(
        "kind: service", "kind: null", ["5: kind: null is nothing in YAML, expected service or testing"], id="kind_null"
    ),
    pytest.param(
        "kind: service", "kind: 1", ["5: kind: 1 is a number in YAML, expected service or testing"], id="kind_number"
    ),
    pytest.param(
        "kind: service",
        "kind: testing",
        ["15: environments.prod: a client of kind testing may exist in dev alone: remove it, or make it a service"],
        id="kind_testing_in_prod",
    ),
    pytest.param(
        "expires: 2027-06-30", "expires:", [f"6: expires: nothing is written here, expected {DATE}"], id="expires_empty"
    ),
    pytest.param(
        "expires: 2027-06-30",
        "expires: 2027-02-30",
        [f"6: expires: 2027-02-30 is not in the calendar, expected {DATE}"],
        id="expires_not_real",
    ),
    pytest.param(
        "expires: 2027-06-30",
        'expires: "2027-06-30"',
        [f"6: expires: '2027-06-30', expected {DATE}, without quotes"],
        id="expires_quoted",
    ),
    pytest.param(
        "expires: 2027-06-30", "expires: next June", [f"6: expires: 'next June', expected {DATE}"], id="expires_words"
    ),
    pytest.param(
        "expires: 2027-06-30",
        "expires: 2027/06/30",
        [f"6: expires: '2027/06/30', expected {DATE}"],
        id="expires_slashes",
    ),
    pytest.param(
        "expires: 2027-06-30",
        "expires: 2027-06-30T12:00:00Z",
        [f"6: expires: 2027-06-30T12:00:00Z is a date in YAML, expected {DATE}"],
        id="expires_time",
    ),
    pytest.param(
        "expires: 2027-06-30",
        "expires: 2027-6-30",
        [f"6: expires: '2027-6-30', expected {DATE}"],
        id="expires_single_digits",
    ),
    pytest.param(
        "expires: 2027-06-30",
        "expires: 20270630",
        [f"6: expires: 20270630 is a number in YAML, expected {DATE}"],
        id="expires_number",
    ),
    pytest.param(ENVIRONMENTS, "", [f"2: environments: missing, expected {WHERE}"], id="environments_missing"),
    pytest.param(
        ENVIRONMENTS, "environments: {}\n", [f"7: environments: empty, expected {WHERE}"], id="environments_empty"
    ),
    pytest.param(
        ENVIRONMENTS,
        "environments:\n",
        [f"7: environments: nothing is written here, expected {WHERE}"],
        id="environments_null",
    ),
    pytest.param(
        ENVIRONMENTS,
        "environments: [dev]\n",
        [f"7: environments: a list is written here, expected {WHERE}"],
        id="environments_list",
    ),
    pytest.param(
        "  prod:",
        "  production:",
        [
            "15: environments.production: unknown environment 'production', expected dev, staging or prod (did you mean 'prod'?)"
        ],
        id="environment_unknown",
    ),
    pytest.param(
        "  prod:",
        "  pord:",
        ["15: environments.pord: unknown environment 'pord', expected dev, staging or prod (did you mean 'prod'?)"],
        id="environment_misspelt",
    ),
    pytest.param(
        "  prod:",
        "  PROD:",
        ["15: environments.PROD: unknown environment 'PROD', expected dev, staging or prod (did you mean 'prod'?)"],
        id="environment_upper",
    ),
    pytest.param(
        "  prod:",
        "  no:",
        ["15: environments.no: unknown environment 'no', expected dev, staging or prod"],
        id="environment_boolean",
    ),
    pytest.param(
        PROD + "\n",
        "  prod:\n",
        [f"15: environments.prod: nothing is written here, expected {GRANT}"],
        id="grant_missing",
    ),
    pytest.param(
        PROD + "\n", "  prod: api.read\n", [f"15: environments.prod: 'api.read', expected {GRANT}"], id="grant_text"
    ),
    pytest.param(
        PROD + "\n",
        "  prod: [api.read]\n",
        [f"15: environments.prod: a list is written here, expected {GRANT}"],
        id="grant_list",
    ),
    pytest.param(
        PROD + "\n",
        "  prod: {}\n",
        [f"15: environments.prod.scopes: missing, expected {SCOPES}"],
        id="grant_null_scopes",
    ),
    pytest.param(
        PROD,
        "  prod:\n    scopes: [api.raed]",
        [
            "16: environments.prod.scopes: unknown scope 'api.raed', expected api.read or api.write (did you mean 'api.read'?)"
        ],
        id="scope_unknown",
    ),
    pytest.param(
        PROD,
        "  prod:\n    scopes: [API.READ]",
        [
            "16: environments.prod.scopes: unknown scope 'API.READ', expected api.read or api.write (did you mean 'api.read'?)"
        ],
        id="scope_upper",
    ),
    pytest.param(
        PROD,
        "  prod:\n    scopes: [otto-prod-api-resource-server/api.read]",
        [
            "16: environments.prod.scopes: unknown scope 'otto-prod-api-resource-server/api.read', expected api.read or api.write (did you mean 'api.read'?)"
        ],
        id="scope_qualified",
    ),
    pytest.param(
        PROD,
        "  prod:\n    scopes: [openid]",
        ["16: environments.prod.scopes: unknown scope 'openid', expected api.read or api.write"],
        id="scope_far",
    ),
    pytest.param(
        PROD,
        "  prod:\n    scopes:\n      - api.read\n      - api.read",
        ["18: environments.prod.scopes: 'api.read' is listed twice: keep one"],
        id="scope_twice",
    ),
    pytest.param(
        PROD,
        "  prod:\n    scopes: [on]",
        ["16: environments.prod.scopes: on is a boolean in YAML, expected api.read or api.write"],
        id="scope_boolean",
    ),
    pytest.param(
        PROD,
        "  prod:\n    scopes: api.read",
        [f"16: environments.prod.scopes: 'api.read', expected {SCOPES}"],
        id="scopes_text",
    ),
    pytest.param(
        PROD, "  prod:\n    scopes: []", [f"16: environments.prod.scopes: empty, expected {SCOPES}"], id="scopes_empty"
    ),
    pytest.param(
        PROD,
        f"  prod:\n    scopes: [{', '.join(['api.read'] * 51)}]",
        [
            "16: environments.prod.scopes: 'api.read' is listed twice: keep one",
            "16: environments.prod.scopes: 51 values, expected at most 50",
        ],
        id="scopes_many",
    ),
    pytest.param(
        PROD,
        "  prod:\n    scopes:",
        [f"16: environments.prod.scopes: nothing is written here, expected {SCOPES}"],
        id="scopes_null",
    ),
    pytest.param(
        PROD,
        "  prod:\n    scopes: {api.read: true}",
        [f"16: environments.prod.scopes: a mapping is written here, expected {SCOPES}"],
        id="scopes_mapping",
    ),
    pytest.param(
        "minutes: 30",
        "minutes: 4",
        [f"10: environments.dev.access_token_minutes: 4 is too small, expected {MINUTES}"],
        id="minutes_few",
    ),
    pytest.param(
        "minutes: 30",
        "minutes: 1441",
        [f"10: environments.dev.access_token_minutes: 1441 is too large, expected {MINUTES}"],
        id="minutes_many",
    ),
    pytest.param(
        "minutes: 30",
        "minutes: -5",
        [f"10: environments.dev.access_token_minutes: -5 is too small, expected {MINUTES}"],
        id="minutes_negative",
    ),
    pytest.param(
        "minutes: 30",
        'minutes: "30"',
        [f"10: environments.dev.access_token_minutes: '30', expected {MINUTES}"],
        id="minutes_text",
    ),
    pytest.param(
        "minutes: 30",
        "minutes: 30m",
        [f"10: environments.dev.access_token_minutes: '30m', expected {MINUTES}"],
        id="minutes_unit",
    ),
    pytest.param(
        "minutes: 30",
        "minutes: 30.5",
        [f"10: environments.dev.access_token_minutes: 30.5 is a number in YAML, expected {MINUTES}"],
        id="minutes_fraction",
    ),
    pytest.param(
        "minutes: 30",
        "minutes: 030",
        [f"10: environments.dev.access_token_minutes: 030 is a number in YAML, expected {MINUTES}"],
        id="minutes_octal",
    ),
    pytest.param(
        "minutes: 30",
        "minutes: 0x1E",
        [f"10: environments.dev.access_token_minutes: 0x1E is a number in YAML, expected {MINUTES}"],
        id="minutes_hexadecimal",
    ),
    pytest.param(
        "minutes: 30",
        "minutes: 1_000",
        [f"10: environments.dev.access_token_minutes: 1_000 is a number in YAML, expected {MINUTES}"],
        id="minutes_underscore",
    ),
    pytest.param(
        "minutes: 30",
        "minutes: true",
        [f"10: environments.dev.access_token_minutes: true is a boolean in YAML, expected {MINUTES}"],
        id="minutes_boolean",
    ),
    pytest.param(
        "minutes: 30",
        "minutes: [30]",
        [f"10: environments.dev.access_token_minutes: a list is written here, expected {MINUTES}"],
        id="minutes_list",
    ),
    pytest.param(
        "minutes: 30",
        "minutes: " + "9" * 5000,
        [
            f"10: environments.dev.access_token_minutes: 999999999999999999999999999999999999999999999999999999999... is a number in YAML, expected {MINUTES}"
        ],
        id="minutes_huge",
    ),
    pytest.param(
        "suspended: false",
        "suspended: yes",
        ["11: environments.dev.suspended: yes is a boolean in YAML, expected true or false"],
        id="suspended_yes",
    ),
    pytest.param(
        "suspended: false",
        "suspended: True",
        ["11: environments.dev.suspended: True is a boolean in YAML, expected true or false"],
        id="suspended_capital",
    ),
    pytest.param(
        "suspended: false",
        'suspended: "true"',
        ["11: environments.dev.suspended: 'true', expected true or false"],
        id="suspended_text",
    ),
    pytest.param(
        "suspended: false",
        "suspended: 1",
        ["11: environments.dev.suspended: 1 is a number in YAML, expected true or false"],
        id="suspended_number",
    ),
    pytest.param(
        ARN,
        "arn:aws:iam::123456789012:role/*",
        [f"13: environments.dev.readers: 'arn:aws:iam::123456789012:role/*' is not an IAM role's ARN, expected {ROLE}"],
        id="reader_wildcard",
    ),
    pytest.param(
        ARN,
        "arn:aws:iam::12345:role/lead-enricher",
        [
            f"13: environments.dev.readers: 'arn:aws:iam::12345:role/lead-enricher' is not an IAM role's ARN, expected {ROLE}"
        ],
        id="reader_short_account",
    ),
    pytest.param(
        ARN,
        "arn:aws:iam::123456789012:user/somebody",
        [
            f"13: environments.dev.readers: 'arn:aws:iam::123456789012:user/somebody' is not an IAM role's ARN, expected {ROLE}"
        ],
        id="reader_user",
    ),
    pytest.param(
        ARN,
        "arn:aws:iam::123456789012:root",
        [f"13: environments.dev.readers: 'arn:aws:iam::123456789012:root' is not an IAM role's ARN, expected {ROLE}"],
        id="reader_root",
    ),
    pytest.param(
        ARN,
        "arn:aws:sts::123456789012:assumed-role/lead-enricher/session",
        [
            f"13: environments.dev.readers: 'arn:aws:sts::123456789012:assumed-role/lead-enricher/session' is not an IAM role's ARN, expected {ROLE}"
        ],
        id="reader_session",
    ),
    pytest.param(
        ARN,
        "arn:aws-cn:iam::123456789012:role/lead-enricher",
        [
            f"13: environments.dev.readers: 'arn:aws-cn:iam::123456789012:role/lead-enricher' is not an IAM role's ARN, expected {ROLE}"
        ],
        id="reader_partition",
    ),
    pytest.param(
        ARN,
        "lead-enricher",
        [f"13: environments.dev.readers: 'lead-enricher' is not an IAM role's ARN, expected {ROLE}"],
        id="reader_name",
    ),
    pytest.param(
        f"      - {ARN}\n",
        f"      - {ARN}\n" * 2,
        ["14: environments.dev.readers: 'arn:aws:iam::123456789012:role/lead-enricher' is listed twice: keep one"],
        id="reader_twice",
    ),
    pytest.param(
        f"readers:\n      - {ARN}",
        f"readers: {ARN}",
        [
            "12: environments.dev.readers: 'arn:aws:iam::123456789012:role/lead-enricher', expected a list of IAM role ARNs"
        ],
        id="readers_text",
    ),
    pytest.param(
        f"      - {ARN}\n",
        "".join(f"      - {ARN}-{n}\n" for n in range(21)),
        ["12: environments.dev.readers: 21 values, expected at most 20"],
        id="readers_many",
    ),
    pytest.param(
        "per_day: 24",
        "per_day: 0",
        [f"14: environments.dev.expected_tokens_per_day: 0 is too small, expected {TOKENS}"],
        id="tokens_none",
    ),
    pytest.param(
        "per_day: 24",
        "per_day: 12960001",
        [f"14: environments.dev.expected_tokens_per_day: 12960001 is too large, expected {TOKENS}"],
        id="tokens_many",
    ),
    pytest.param(
        "per_day: 24",
        "per_day: null",
        [f"14: environments.dev.expected_tokens_per_day: null is nothing in YAML, expected {TOKENS}"],
        id="tokens_null",
    ),
    pytest.param(
        "kind: service",
        "knd: service",
        [f"5: knd: unknown key, expected {KEYS} (did you mean 'kind'?)"],
        id="key_unknown",
    ),
    pytest.param("kind: service", "kind: service\nzone: eu", [f"6: zone: unknown key, expected {KEYS}"], id="key_far"),
    pytest.param(
        "owner: growth",
        "Owner: growth",
        [f"2: Owner: unknown key, expected {KEYS} (did you mean 'owner'?)", f"2: owner: missing, expected {NAMED}"],
        id="key_upper",
    ),
    pytest.param(
        "kind: service", "kind: service\nname: other", [f"6: name: unknown key, expected {KEYS}"], id="key_name"
    ),
    pytest.param(
        "kind: service",
        "kind: service\nscopes: [api.read]",
        ["6: scopes: belongs to an environment, expected it in environments.<environment>: move it"],
        id="key_scopes_at_top",
    ),
    pytest.param(
        "    suspended: false",
        "    owner: growth",
        ["11: environments.dev.owner: belongs to the whole client, expected it outside environments: move it"],
        id="key_owner_in_environment",
    ),
    pytest.param(
        "    suspended: false",
        "    suspend: false",
        [
            "11: environments.dev.suspend: unknown key, expected scopes, access_token_minutes, suspended, readers or expected_tokens_per_day (did you mean 'suspended'?)"
        ],
        id="key_unknown_in_environment",
    ),
    pytest.param(
        "kind: service",
        "kind: service\nkind: service",
        ["6: kind: written twice, first on line 5: keep one"],
        id="key_twice",
    ),
    pytest.param(
        "    suspended: false",
        "    suspended: false\n    suspended: true",
        ["12: environments.dev.suspended: written twice, first on line 11: keep one"],
        id="key_twice_in_environment",
    ),
    pytest.param(
        "  prod:", "  dev:", ["15: environments.dev: written twice, first on line 8: keep one"], id="environment_twice"
    ),
    pytest.param(
        "kind: service",
        "kind: service\n[a]: b",
        ["6: file: a key that is not plain text, expected a name"],
        id="key_list",
    ),
    pytest.param(
        "kind: service",
        'kind: service\n"kind\u202e\\n": b',
        [f"6: kind\\u202e\\n: unknown key, expected {KEYS} (did you mean 'kind'?)"],
        id="key_bidi",
    ),
    pytest.param(
        "scopes: [api.read, api.write]",
        "scopes: &all [api.read, api.write]",
        ["9: environments.dev.scopes: anchor '&all' is not allowed, remove it"],
        id="anchor",
    ),
    pytest.param(
        PROD,
        "  prod:\n    scopes: *all",
        ["16: environments.prod.scopes: alias '*all' is not allowed, write the value out"],
        id="alias",
    ),
    pytest.param(
        "    suspended: false",
        "    <<: {suspended: false}",
        ["11: environments.dev.<<: a merge key is not allowed, write the values out"],
        id="merge_key",
    ),
    pytest.param("owner: growth", "owner: !!str growth", ["2: owner: tag '!!str' is not allowed, remove it"], id="tag"),
    pytest.param(
        "owner: growth",
        "owner: !!python/object/apply:os.system [id]",
        ["2: owner: tag '!!python/object/apply:os.system' is not allowed, remove it"],
        id="tag_python",
    ),
    pytest.param(
        "# yaml-language-server: $schema=../client.schema.json",
        "%YAML 1.1\n---",
        ["1: YAML: a % directive is not allowed, remove it"],
        id="directive",
    ),
    pytest.param(
        "  prod:",
        "---\n  prod:",
        ["15: YAML: a second document, expected one file for each client: remove '---'"],
        id="second_document",
    ),
    pytest.param(
        "kind: service", "kind:\tservice", ["5: YAML: a tab, which YAML refuses as indentation: write spaces"], id="tab"
    ),
    pytest.param(
        "  prod:",
        "   prod:",
        ["15: YAML: did not find expected key: a key, bracket or quote is not finished, or the indentation is uneven"],
        id="uneven",
    ),
    pytest.param(
        "scopes: [api.read]",
        "scopes: [api.read",
        [
            "16: YAML: did not find expected ',' or ']': a key, bracket or quote is not finished, or the indentation is uneven"
        ],
        id="unclosed_list",
    ),
    pytest.param(
        '"#otto-growth"',
        '"#otto-growth',
        ["3: YAML: found unexpected end of stream: a quote is not closed"],
        id="unclosed_quote",
    ),
    pytest.param(
        "growth\n",
        "growth\u0007\n",
        ["2: file: the control character U+0007 is not allowed, remove it"],
        id="control_character",
    ),
    pytest.param(CLIENT, "- owner", [f"1: file: a list is written here, expected {FILE}"], id="whole_list"),
    pytest.param(CLIENT, "owner", [f"1: file: 'owner', expected {FILE}"], id="whole_text"),
    pytest.param(CLIENT, "~", [f"1: file: ~ is nothing in YAML, expected {FILE}"], id="whole_null"),
    pytest.param(CLIENT, "", ["1: file: empty, expected fields, each as 'name: value'"], id="empty"),
    pytest.param(CLIENT, "# nothing\n", ["1: file: empty, expected fields, each as 'name: value'"], id="comment_alone"),
    pytest.param(CLIENT, "---\n", ["1: file: empty, expected fields, each as 'name: value'"], id="marker_alone"),
    pytest.param(
        "owner: growth",
        "owner: " + "[" * 30 + "]" * 30,
        ["2: YAML: nested deeper than 8, expected 4 at most"],
        id="deep",
    ),
    pytest.param(
        "owner: growth", "owner: " + "[" * 30_000, ["2: YAML: nested deeper than 8, expected 4 at most"], id="deeper"
    ),
    pytest.param(CLIENT, "#" * 70_000, ["1: file: larger than 65536 bytes, expected a short file"], id="large"),
    pytest.param(
        "# yaml",
        "\ufeff# yaml",
        ["1: file: starts with a byte order mark, save the file as UTF-8 without one"],
        id="bom",
    ),
]


def test_the_valid_file_has_no_problem(problems: Callable[..., list[str]]) -> None:
    assert problems() == []


@pytest.mark.parametrize(("old", "new", "said"), MUTATIONS)
def test_a_mutation_is_refused_with_its_message(
    problems: Callable[..., list[str]], old: str, new: str, said: list[str]
) -> None:
    assert old in CLIENT
    assert problems({"internal/x1.yaml": CLIENT.replace(old, new, 1)}) == [
        f"clients/internal/x1.yaml:{text}" for text in said
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(
            CLIENT.replace("each", "\u00e9ach").encode("latin-1"),
            "4: file: byte 0xe9 is not UTF-8, save the file as UTF-8",
            id="latin_1",
        ),
        pytest.param(CLIENT.encode("utf-16"), "1: file: byte 0xff is not UTF-8, save the file as UTF-8", id="utf_16"),
        pytest.param(
            CLIENT.replace("growth", "gro\0wth", 1).encode(),
            "2: file: the control character U+0000 is not allowed, remove it",
            id="nul",
        ),
    ],
)
def test_bytes_that_are_not_text_are_refused(problems: Callable[..., list[str]], content: bytes, said: str) -> None:
    assert problems({"internal/x1.yaml": content}) == [f"clients/internal/x1.yaml:{said}"]


def _unmentioned(mutations: Iterable[Any]) -> set[str]:
    """The fields of the model that no mutation of the table gets a message for."""
    said = [text.split(": ")[1].split(".")[-1] for mutation in mutations for text in mutation.values[2]]
    return {field.name for model in (registry.ClientFile, registry.Grant) for field in fields(model)} - set(said)


def test_every_field_has_a_mutation() -> None:
    assert _unmentioned(MUTATIONS) == set()
    assert _unmentioned(each for each in MUTATIONS if "suspended" not in each.values[2][0]) == {"suspended"}
