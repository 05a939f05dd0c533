#!/bin/bash
# m365fwd-messages(7) has every id that the program can log, and no other; doc/gaps.md every reason of a gap.
set -eu
: "${srcdir:=.}"
work=$(mktemp -d /tmp/m365fwd-messages.XXXXXX)
trap 'rm -rf "$work"' EXIT
src() { find "$srcdir/src" -name '*.c' -exec cat {} +; }

# Ids stand in the call, or are handed on by what logs a feed's state or a gap's reason.
gap_reasons() { src | grep -oE '(\.reason =|reason = [^;]*\?|_gap\([^;"]*|give_up\([^;"]*|BLOB_LOST,) *"[a-z]+-[a-z-]+"' | grep -oE '"[a-z-]+"' | tr -d '"'; }
{
	src | grep -oE 'log_(error|warn|info)\("[a-z0-9-]+"' | sed 's/.*"\(.*\)"/\1/'
	src | grep -oE '(mgmt_state|graph_state|feed_state|trouble)\([^"]*"[a-z]+-[a-z]+"' | sed 's/.*"\(.*\)"/\1/'
} | sort -u >"$work/logged"
gap_reasons | sort -u >"$work/gaps"
sed -n 's/^\.It Li //p' "$srcdir/doc/m365fwd-messages.7" | sort >"$work/told"

[ "$(wc -l <"$work/logged")" -ge 40 ] && [ "$(wc -l <"$work/gaps")" -ge 4 ]
uniq -d "$work/told" | grep . && { echo "told twice in m365fwd-messages.7"; exit 1; }
comm -23 "$work/logged" "$work/told" | grep . && { echo "logged, and not in doc/m365fwd-messages.7"; exit 1; }
grep -vxFf <(src | grep -oE '"[a-z0-9-]+"' | tr -d '"' | sort -u) "$work/told" && { echo "in doc/m365fwd-messages.7, and nowhere in src/"; exit 1; }
while read -r reason; do
	grep -q "\`$reason\`" "$srcdir/doc/gaps.md" || { echo "doc/gaps.md lacks the reason $reason"; exit 1; }
done <"$work/gaps"
