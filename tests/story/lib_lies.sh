# shellcheck shell=bash
# What the stories of a lying upstream share: answers word for word (doc/simulator.md, POST /sim/answer).

# says WORD QUERY TEXT: requests with WORD in their target get TEXT, in which \r, \n and \xNN are bytes.
says() { printf '%b' "$3" | says_bytes "$1" "$2"; }
says_bytes() { curl -sf -X POST --data-binary @- "$SIM/sim/answer?to=$1&$2" >/dev/null || fail "answer to $1"; }
says_no_more() { curl -sf -X POST "$SIM/sim/answer?clear=1" >/dev/null; }
answered() { curl -sf "$SIM/sim/links" | jq .answered; }
told() { [ "$(answered)" -ge "$1" ]; }		# told N: so many scripted answers were given

# A whole answer with a body. answer STATUS TYPE HEADERS BODY: HEADERS each with \r\n
answer() { printf 'HTTP/1.1 %s X\\r\\nContent-Type: %s\\r\\n%sContent-Length: %s\\r\\n\\r\\n%s' "$1" "$2" "$3" "$(printf '%b' "$4" | wc -c)" "$4"; }

counter() { ask status --json | jq --arg k "$1" '[.counters | to_entries[] | select(.key | startswith($k)) | .value] | add // 0'; }
feed_why() { ask status --json | jq -r --arg f "$1" '[.. | objects | select(.feed? == $f)][0] | "\(.state): \(.why // .reason // .error)"'; }
feed_says() { [[ $(feed_why "$1") == *"$2"* ]]; }	# feed_says FEED PART
listed_to() { ask status --json | jq -r --arg f "$1" '[.sources[] | select(.feed == $f) | .listed_to][0]'; }
