#!/bin/sh
# check-includes.sh - who may include whom: the picture of design section 4, read from every #include under src/.
#
#	check-includes.sh		first proves on planted files that it can fail, then reads $srcdir/src
#	check-includes.sh --selftest	only the proof
#
# Prints file:line and the reason of each violation; exits 1 if there is one. To allow more, change the tables: a new
# system header is a row of "libc" or "lib", with the design changed in the same commit.
set -u
LC_ALL=C
export LC_ALL

# room NAME THE ROOMS IT MAY INCLUDE (its own is always allowed; "top" is what lies directly in src/)
# lib HEADER WHERE...: a header (or folder/) of a library and the files (or folders/, or prefixes*) that may know it
# libc HEADER...: what anyone may include; a folder/ is everything in it
rules()
{
	cat <<'END'
room top	top cmd admin base net conf store norm encode collect deliver
room cmd	top cmd admin base net conf store norm encode collect deliver
room collect	base net store
room deliver	base net store norm encode
room admin	base net
room net	base
room conf	base
room store	base
room norm	base
room encode	base
room base
lib curl/			src/net/
lib event2/			src/net/
lib event2/http.h		src/net/ src/admin/
lib event2/http_struct.h	src/net/ src/admin/
lib event2/keyvalq_struct.h	src/net/ src/admin/
lib event2/buffer.h		src/net/ src/admin/
lib event2/bufferevent.h	src/net/ src/admin/
lib zlib.h			src/net/inflate.c src/encode/gzip.c
lib sqlite3.h			src/store/ src/cmd/libmem.c
lib yaml.h			src/conf/
lib openssl/			src/base/hash.c src/net/ src/cmd/libmem.c
lib cjson/			src/base/json*
lib pthread.h			src/base/queue.c
lib threads.h			src/base/queue.c
lib sys/eventfd.h		src/base/queue.c
libc assert.h ctype.h errno.h fenv.h float.h inttypes.h iso646.h limits.h locale.h math.h setjmp.h signal.h stdalign.h
libc stdarg.h stdatomic.h stdbool.h stddef.h stdint.h stdio.h stdlib.h stdnoreturn.h string.h tgmath.h time.h uchar.h
libc wchar.h wctype.h byteswap.h dirent.h endian.h err.h fcntl.h fnmatch.h ftw.h getopt.h glob.h grp.h ifaddrs.h langinfo.h
libc libgen.h malloc.h netdb.h nl_types.h poll.h pwd.h regex.h sched.h search.h spawn.h strings.h sysexits.h syslog.h
libc termios.h unistd.h wordexp.h net/ netinet/ arpa/ sys/ linux/
libc emmintrin.h nmmintrin.h smmintrin.h tmmintrin.h immintrin.h arm_neon.h arm_acle.h
END
}

# check TREE: reads TREE/src
check()
{
	{
		rules
		(cd "$1" && find src -type f \( -name '*.[ch]' -o -name '*.inc' -o -name '*.def' \) | sort | sed 's/^/file /')
	} | awk -v tree="$1" '
function room_of(path,	part) {
	return split(path, part, "/") > 2 ? part[2] : "top"
}

function complain(text) {
	print file ":" line ": " text
	bad++
}

# where: "src/net/" a folder, "src/base/json*" a prefix, else one file
function lies_in(path, where) {
	if (where ~ /\*$/)
		where = substr(where, 1, length(where) - 1)
	else if (where !~ /\/$/)
		return path == where
	return index(path, where) == 1
}

# The row for a header: itself, or else its folder.
function row_of(header, table,	folder) {
	if (header in table)
		return header
	folder = header
	sub(/\/.*/, "/", folder)
	return folder in table ? folder : ""
}

function judge_ours(name,	from, to) {
	if (name == "config.h")
		return
	if (!(("src/" name) in is_file)) {
		complain("\"" name "\" is no file under src/ (includes are written from there)")
		return
	}
	from = room_of(file)
	to = room_of("src/" name)
	if (from != to && !((from, to) in may))
		complain(from " may not include \"" name "\"")
}

function judge_system(name,	row, n, i, where) {
	if ((row = row_of(name, lib)) != "") {
		n = split(lib[row], where, " ")
		for (i = 1; i <= n; i++)
			if (lies_in(file, where[i]))
				return
		complain("<" name "> belongs to " lib[row])
	} else if (row_of(name, libc) == "")
		complain("<" name "> is in no row of tests/check-includes.sh")
}

function read_file(	text, name) {
	line = 0
	while ((getline text < (tree "/" file)) > 0) {
		line++
		if (text !~ /^[ \t]*#[ \t]*(include|include_next|import)([ \t"<\/]|$)/)
			continue
		name = text
		sub(/^[ \t]*#[ \t]*[a-z_]+[ \t]*/, "", name)
		if (name ~ /^"[^"]+"/) {
			sub(/^"/, "", name)
			sub(/".*/, "", name)
			judge_ours(name)
		} else if (name ~ /^<[^>]+>/) {
			sub(/^</, "", name)
			sub(/>.*/, "", name)
			judge_system(name)
		} else
			complain("an include that cannot be read: " text)
	}
	close(tree "/" file)
}

$1 == "room" { is_room[$2] = 1; for (i = 3; i <= NF; i++) may[$2, $i] = 1 }
$1 == "lib"  { where = $3; for (i = 4; i <= NF; i++) where = where " " $i; lib[$2] = where }
$1 == "libc" { for (i = 2; i <= NF; i++) libc[$i] = 1 }
$1 == "file" { files[++n_files] = $2; is_file[$2] = 1 }

END {
	for (i_file = 1; i_file <= n_files; i_file++) {
		file = files[i_file]
		line = 0
		if (!(room_of(file) in is_room))
			complain("there is no room \"" room_of(file) "\" in tests/check-includes.sh")
		read_file()
	}
	if (n_files == 0) {
		print tree "/src: nothing to read"
		bad++
	}
	exit (bad > 0)
}'
}

# Plants one include a file, at line 2, and expects a complaint about exactly those marked "no".
plants()
{
	cat <<'END'
yes src/base/ok1.c	"base/buf.h"
yes src/base/ok2.c	<string.h>
yes src/base/ok3.c	<sys/stat.h>
yes src/base/json_tree.c <cjson/cJSON.h>
yes src/base/hash.c	<openssl/evp.h>
yes src/base/queue.c	<pthread.h>
yes src/net/ok1.c	<curl/curl.h>
yes src/net/inflate.c	<zlib.h>
yes src/encode/gzip.c	<zlib.h>
yes src/store/ok1.c	<sqlite3.h>
yes src/conf/ok1.c	<yaml.h>
yes src/collect/ok1.c	"net/net.h"
yes src/collect/ok2.c	"store/store.h"
yes src/collect/ok3.c	"collect/collect.h"
yes src/deliver/ok1.c	"norm/norm.h"
yes src/deliver/ok2.c	"encode/encode.h"
yes src/admin/ok1.c	"net/net.h"
yes src/admin/ok2.c	<event2/http.h>
yes src/cmd/ok1.c	"deliver/deliver.h"
yes src/cmd/ok2.c	"daemon.h"
yes src/main.c		"cmd/cmd.h"
yes src/daemon.c	"conf/conf.h"
yes src/net/ok2.c	"config.h"
no src/base/b1.c	"net/net.h"
no src/base/b2.c	"daemon.h"
no src/base/b3.c	<curl/curl.h>
no src/base/b4.c	<pthread.h>
no src/base/b5.c	<sys/eventfd.h>
no src/base/b6.c	<openssl/sha.h>
no src/base/b7.h	<cjson/cJSON.h>
no src/base/b8.c	<zlib.h>
no src/base/b9.c	"buf.h"
no src/base/b10.c	"../net/net.h"
no src/base/b11.c	<base/buf.h>
no src/base/b12.c	<librdkafka/rdkafka.h>
no src/base/b13.c	MACRO_H
no src/net/b1.c		"store/store.h"
no src/net/b2.c		"conf/conf.h"
no src/net/b3.c		<zlib.h>
no src/net/b4.c		<sqlite3.h>
no src/conf/b1.c	"norm/norm.h"
no src/store/b1.c	"norm/norm.h"
no src/store/b2.c	<zlib.h>
no src/store/b3.c	<pthread.h>
no src/norm/b1.c	"encode/encode.h"
no src/norm/b2.c	<cjson/cJSON.h>
no src/encode/b1.c	"norm/norm.h"
no src/encode/b2.c	<zlib.h>
no src/collect/b1.c	"deliver/deliver.h"
no src/collect/b2.c	"norm/norm.h"
no src/collect/b3.c	"conf/conf.h"
no src/collect/b4.c	"admin/admin.h"
no src/collect/b5.c	<curl/curl.h>
no src/collect/b6.c	<openssl/evp.h>
no src/deliver/b1.c	"collect/collect.h"
no src/deliver/b2.c	"conf/conf.h"
no src/deliver/b3.c	<event2/event.h>
no src/deliver/b4.c	"cmd/cmd.h"
no src/admin/b1.c	"store/store.h"
no src/admin/b2.c	<event2/event.h>
no src/admin/b3.c	"daemon.h"
no src/cmd/b1.c		<sqlite3.h>
no src/cmd/b2.c		<yaml.h>
no src/daemon.h		<event2/event.h>
END
}

selftest()
{
	tmp=$(mktemp -d "${TMPDIR:-/tmp}/check-includes.XXXXXX") || return 1
	trap 'rm -rf "$tmp"' EXIT
	for room in base net conf store norm encode collect deliver admin cmd; do
		mkdir -p "$tmp/src/$room"
		echo '/* a header */' >"$tmp/src/$room/$room.h"
	done
	echo '/* a header */' >"$tmp/src/base/buf.h"
	echo '/* a header */' >"$tmp/src/daemon.h"
	plants >"$tmp/plants"
	while read -r verdict file include; do
		printf '/* planted */\n #\tinclude %s /* why */\n' "$include" >"$tmp/$file"
		[ "$verdict" = yes ] || echo "$file:2"
	done <"$tmp/plants" | sort >"$tmp/expected"
	check "$tmp" >"$tmp/said"
	rc=$?
	sed 's/^\([^:]*:[0-9]*\):.*/\1/' "$tmp/said" | sort >"$tmp/got"
	if [ $rc -ne 1 ] || ! diff "$tmp/expected" "$tmp/got" >"$tmp/diff"; then
		echo "check-includes.sh does not see what it should (<: a violation not seen, >: a sound line refused; exit $rc):"
		cat "$tmp/diff"
		return 1
	fi
	mkdir -p "$tmp/room/src/cellar" "$tmp/none/src"
	echo '/* nothing */' >"$tmp/room/src/cellar/x.c"
	if check "$tmp/room" >/dev/null || check "$tmp/none" >/dev/null; then
		echo "check-includes.sh passes an unknown room or an empty tree"
		return 1
	fi
	echo "check-includes.sh: $(wc -l <"$tmp/expected" | tr -d ' ') planted violations were seen"
}

case ${1-} in
--selftest)
	selftest
	;;
'')
	selftest && check "${srcdir:-.}"
	;;
*)
	echo "usage: check-includes.sh [--selftest]" >&2
	exit 64
	;;
esac
