/*
 * kill_loop - a child puts and delivers, is killed at random moments, and what it was told is held against the store.
 */
#ifndef TESTS_KILL_LOOP_H
#define TESTS_KILL_LOOP_H

/* The losses are counted anew after every kill: zero or not is what matters. */
struct kill_report {
	int	 kills;
	long	 acknowledged;		/* records whose put was answered */
	long	 lost;			/* of those: neither owed nor ever handed to an output */
	long	 undone;		/* a done was answered, and the record is owed again */
	long	 doubled;		/* owed twice, or stored other than once */
	long	 unbalanced;		/* kills after which the tallies did not agree */
};

struct kill_report kill_loop(int kills, unsigned seed);

#endif
