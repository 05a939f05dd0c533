#!/bin/bash
# doc/faults.md names every row of the fault matrix with the tests that show it, and all passed when it was written.
exec bash "$(dirname "$0")/faults.sh" --check
