# shellcheck shell=bash
# Builds beside the tree, for those who need the same sources with other flags: sourced by tests/fuzz.sh and tests/sanitize.sh.

# side_build TREE DIR CONFIGURE-ARGS...: copies what of the tree is source to DIR/src, configures it once in DIR/build and builds the
# program. What did not change since the last time is not built again. Prints the end of DIR/log when it fails.
side_build() {
	local tree=$1 dir=$2
	shift 2
	mkdir -p "$dir/src" "$dir/build"
	(cd "$tree" && { git ls-files -co --exclude-standard 2>/dev/null || find . -type f ! -name '*.o' ! -name '*.a'; } |
	    tar -c --ignore-failed-read -T - 2>/dev/null) | tar -x -C "$dir/src"
	{
		if [ ! -x "$dir/src/configure" ]; then
			(cd "$dir/src" && autoreconf -i)
		fi && if [ "$(cat "$dir/args" 2>/dev/null)" != "$*" ]; then
			(cd "$dir/build" && ../src/configure -q "$@") && printf '%s' "$*" >"$dir/args"
		fi && make -C "$dir/build" -s -j"$(nproc)" all
	} >"$dir/log" 2>&1 || {
		tail -n 30 "$dir/log" >&2
		printf '%s: the build failed, see %s\n' "${0##*/}" "$dir/log" >&2
		return 1
	}
}
