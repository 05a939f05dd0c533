#!/bin/bash
# The stories that are short enough for "make check"; tests/run.sh runs them all.
exec bash "$(dirname "$0")/run.sh" --short
