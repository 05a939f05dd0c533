#!/bin/bash
# doc/faults.md names every row of the fault matrix with the tests that show it, and all passed when it was written.
here=$(dirname "$0")
if [ ! -e "$here/../.ci/run" ]; then
	echo "the tarball has neither .ci/run nor tests/package, which the page names: nothing to compare with"
	exit 77
fi
exec bash "$here/faults.sh" --check
