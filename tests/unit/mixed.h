/*
 * mixed - a number well mixed (splitmix64): what tests need of chance, the same on every run.
 */
#ifndef TESTS_MIXED_H
#define TESTS_MIXED_H

#include <stdint.h>

static inline uint64_t
mixed(uint64_t v)
{
	v += 0x9e3779b97f4a7c15u;
	v = (v ^ v >> 30) * 0xbf58476d1ce4e5b9u;
	v = (v ^ v >> 27) * 0x94d049bb133111ebu;
	return v ^ v >> 31;
}

#endif
