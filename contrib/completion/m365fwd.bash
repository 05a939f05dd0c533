# bash completion for m365fwd(8). Commands and options are read from the program's own --help, so they are always its own.
# shellcheck shell=bash

_m365fwd_help() {	# _m365fwd_help SECTION: the first two columns of its lines
	m365fwd --help 2>/dev/null | sed -n "/^$1:/,/^\$/{s/^  //p}"
}

_m365fwd() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]:-} words=""

	COMPREPLY=()
	case $prev in
	-c | --config)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--feed)
		words="audit.exchange audit.sharepoint audit.entra audit.general audit.dlp signin.interactive
		    signin.noninteractive signin.serviceprincipal signin.managedidentity directory.audit
		    directory.provisioning risk.user risk.serviceprincipal alerts incidents"
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
		return
		;;
	esac
	if [ "$COMP_CWORD" -eq 1 ]; then
		words=$(_m365fwd_help commands | awk '{ print $1 }')
	elif [ "$COMP_CWORD" -eq 2 ] && [[ $cur != -* ]]; then
		words=$(_m365fwd_help commands | awk -v c="$command" '$1 == c && $2 ~ /^[a-z]+$/ { print $2 }')
	fi
	[[ $cur == -* || $COMP_CWORD -eq 1 ]] && words="$words $(_m365fwd_help options | awk '{ print $1 }')"
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -o filenames -F _m365fwd m365fwd
