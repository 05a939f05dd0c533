#!/bin/bash
# The bash completion offers what --help names.
set -eu
: "${srcdir:=.}" "${M365FWD:=./m365fwd}"
here=$(cd "$srcdir" && pwd)
PATH=$(cd "$(dirname "$M365FWD")" && pwd):$PATH
# shellcheck source=contrib/completion/m365fwd.bash
. "$here/contrib/completion/m365fwd.bash"

offers() {	# offers WANTED WORD...: completing the last word offers WANTED
	local wanted=$1
	shift
	COMP_WORDS=(m365fwd "$@") COMP_CWORD=$#
	_m365fwd
	case " ${COMPREPLY[*]} " in
	*" $wanted "*) ;;
	*) echo "check-completion.sh: \"$*\" does not offer $wanted but: ${COMPREPLY[*]}"; exit 1 ;;
	esac
}

commands=$(m365fwd --help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\).*/\1/p')
[ "$(echo "$commands" | wc -l)" -ge 5 ]
for c in $commands; do offers "$c" ""; done
offers status st
offers list dead l
offers --version --v
offers --json status --
offers audit.dlp map --feed audit.d
! (offers nonsense "" >/dev/null)
