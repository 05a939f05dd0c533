/*
 * queue - hands pointers from one thread to another. pthread and eventfd are behind this header.
 *
 * First in, first out, any number of pushers and poppers. queue_fd() is readable while something is in the queue,
 * for an event loop; queue_wait() is for a thread that has nothing else to do.
 */
#ifndef BASE_QUEUE_H
#define BASE_QUEUE_H

#include <stddef.h>

struct queue;
struct thread;

struct queue *queue_new(void);
void	 queue_free(struct queue *);		/* must be empty */
void	 queue_push(struct queue *, void *);	/* never NULL */
void	*queue_pop(struct queue *);		/* NULL: empty */
void	*queue_wait(struct queue *);		/* blocks; NULL: closed and empty */
void	 queue_close(struct queue *);		/* wakes those who wait; what is in it is still popped */
int	 queue_fd(const struct queue *);
size_t	 queue_len(struct queue *);

struct thread *thread_start(const char *name, void (*)(void *), void *arg);	/* all signals but its own faults are blocked in it */
void	 thread_join(struct thread *);

#endif
