# A simulated day of 310, and worse: the forwarder is killed dozens of times while requests are under way, acknowledgements are awaited
# or were just told, and commits are slower than polls.
DAYS=1 NAP=0.3 KILL_EVERY=1 ACK_MS=20
# shellcheck source=tests/story/310-ten-days-with-a-dead-and-a-flapping-destination.sh disable=SC2154
. "$here/310-ten-days-with-a-dead-and-a-flapping-destination.sh"
