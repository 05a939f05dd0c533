/*
 * queue - hands pointers from one thread to another.
 */
#include "base/queue.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/err.h"
#include "base/xalloc.h"

struct node {
	struct node	*next;
	void		*what;
};

struct queue {
	pthread_mutex_t	 lock;
	pthread_cond_t	 there;
	struct node	*head, **tail;
	size_t		 n;
	int		 closed;
	int		 fd;
};

#define NAME_SIZE 16		/* what the kernel takes */

struct thread {
	pthread_t	 id;
	char		 name[NAME_SIZE];
	void		(*run)(void *);
	void		*arg;
};

/* Like memory (xalloc.h): it is asked for at start, and without it nothing can go on. */
static _Noreturn void
none_left(const char *what)
{
	dprintf(STDERR_FILENO, "m365fwd: no %s is left (LimitNOFILE=, LimitNPROC=, TasksMax=, ulimit); stopping\n", what);
	_exit(ERR_AGAIN);
}

struct queue *
queue_new(void)
{
	struct queue	*q = xcalloc(1, sizeof(*q));

	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->there, NULL);
	q->tail = &q->head;
	if ((q->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) == -1)
		none_left("descriptor");
	return q;
}

void
queue_free(struct queue *q)
{
	if (q == NULL)
		return;
	assert(q->head == NULL);
	close(q->fd);
	pthread_cond_destroy(&q->there);
	pthread_mutex_destroy(&q->lock);
	free(q);
}

void
queue_push(struct queue *q, void *what)
{
	struct node	*node = xmalloc(sizeof(*node));
	uint64_t	 one = 1;
	ssize_t		 n = 0;

	node->next = NULL;
	node->what = what;
	pthread_mutex_lock(&q->lock);
	*q->tail = node;
	q->tail = &node->next;
	if (q->n++ == 0)
		n = write(q->fd, &one, sizeof(one));
	pthread_cond_signal(&q->there);
	pthread_mutex_unlock(&q->lock);
	(void)n;
}

/* With the lock held; the descriptor is readable exactly while something is in the queue. */
static void *
take(struct queue *q)
{
	struct node	*node = q->head;
	void		*what;
	uint64_t	 many;
	ssize_t		 n = 0;

	if (node == NULL)
		return NULL;
	q->head = node->next;
	if (q->head == NULL)
		q->tail = &q->head;
	if (--q->n == 0)
		n = read(q->fd, &many, sizeof(many));
	(void)n;
	what = node->what;
	free(node);
	return what;
}

void *
queue_pop(struct queue *q)
{
	void	*what;

	pthread_mutex_lock(&q->lock);
	what = take(q);
	pthread_mutex_unlock(&q->lock);
	return what;
}

void *
queue_wait(struct queue *q)
{
	void	*what;

	pthread_mutex_lock(&q->lock);
	while ((what = take(q)) == NULL && !q->closed)
		pthread_cond_wait(&q->there, &q->lock);
	pthread_mutex_unlock(&q->lock);
	return what;
}

void
queue_close(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->closed = 1;
	pthread_cond_broadcast(&q->there);
	pthread_mutex_unlock(&q->lock);
}

int
queue_fd(const struct queue *q)
{
	return q->fd;
}

size_t
queue_len(struct queue *q)
{
	size_t	 n;

	pthread_mutex_lock(&q->lock);
	n = q->n;
	pthread_mutex_unlock(&q->lock);
	return n;
}

static void *
run(void *arg)
{
	struct thread	*t = arg;

	pthread_setname_np(pthread_self(), t->name);
	t->run(t->arg);
	return NULL;
}

/* Raised by the thread's own doing: blocked they would kill without the handler (a sanitizer's, say) that explains. */
static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP };

struct thread *
thread_start(const char *name, void (*fn)(void *), void *arg)
{
	struct thread	*t = xcalloc(1, sizeof(*t));
	pthread_attr_t	 attr;
	sigset_t	 all, old;

	snprintf(t->name, sizeof(t->name), "%s", name);
	t->run = fn;
	t->arg = arg;
	sigfillset(&all);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		sigdelset(&all, faults[i]);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 512 * 1024);
	if (pthread_create(&t->id, &attr, run, t) != 0)
		none_left("thread");
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return t;
}

void
thread_join(struct thread *t)
{
	if (t == NULL)
		return;
	pthread_join(t->id, NULL);
	free(t);
}
