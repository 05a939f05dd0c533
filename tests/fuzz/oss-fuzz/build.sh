#!/bin/bash -eu
# OSS-Fuzz's build: $CC, $CXX, $CFLAGS, $LIB_FUZZING_ENGINE and $OUT are theirs. Each target goes to $OUT with its corpus, its
# dictionary and, in lib/, the libraries that the machine which runs it lacks.
[ -x configure ] || autoreconf -i
./configure -q --disable-hardening
make -s -j"$(nproc)" all
mkdir -p "$OUT/lib"
for source in tests/fuzz/fuzz_*.c; do
	target=$(basename "$source" .c)
	name=${target#fuzz_}
	make -s "tests/fuzz/$target" CCLD="$CXX" WARN_CFLAGS= FUZZ_DRIVER= LIBS="$LIB_FUZZING_ENGINE"
	cp "tests/fuzz/$target" "$OUT/"
	patchelf --set-rpath "\$ORIGIN/lib" "$OUT/$target"
	zip -q -j "$OUT/${target}_seed_corpus.zip" "tests/fuzz/corpus/$name"/*
	[ ! -f "tests/fuzz/dict/$name" ] || cp "tests/fuzz/dict/$name" "$OUT/$target.dict"
	# glibc is there, and must be the one that belongs to its loader.
	ldd "tests/fuzz/$target" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' |
	    grep -Ev '/(libc|libm|libpthread|libdl|librt|libresolv)\.so' | xargs -r cp -n -t "$OUT/lib"
done
