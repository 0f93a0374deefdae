#define _GNU_SOURCE
#include "logger.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int run(char **argv) {
    execvp(argv[0], argv);
    int code = errno == ENOENT ? 127 : 126;
    fprintf(stderr, "berth-init: %s: %s\n", argv[0], strerror(errno));
    return code;
}

/* The first process of a container: passes signals on, collects what was orphaned, ends as its child does. */
static int reap(char **argv) {
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t child = fork();
    if (child < 0) {
        perror("berth-init: fork");
        return 126;
    }
    if (child == 0) {
        setpgid(0, 0);
        sigprocmask(SIG_SETMASK, &before, NULL);
        _exit(run(argv));
    }
    for (;;) {
        int signal = sigwaitinfo(&all, NULL);
        if (signal < 0) continue;
        if (signal != SIGCHLD) {
            kill(child, signal);
            continue;
        }
        int status;
        pid_t gone;
        while ((gone = waitpid(-1, &status, WNOHANG)) > 0) {
            if (gone != child) continue;
            if (WIFSIGNALED(status)) return 128 + WTERMSIG(status);
            return WEXITSTATUS(status);
        }
    }
}

/* Keeps namespaces: does nothing until asked to end, but collects what was orphaned. */
static int keep(void) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    for (;;) {
        int signal = sigwaitinfo(&all, NULL);
        if (signal == SIGTERM || signal == SIGINT) return 0;
        while (waitpid(-1, NULL, WNOHANG) > 0) continue;
    }
}

/* Standard input becomes a pipe whose other end the program itself holds: reading waits and never meets an end. */
static int run_with_open_input(char **argv) {
    int ends[2];
    if (pipe(ends) < 0 || dup2(ends[0], STDIN_FILENO) < 0) {
        perror("berth-init: pipe");
        return 126;
    }
    if (ends[0] != STDIN_FILENO) close(ends[0]);
    return run(argv);
}

int run_init(char **argv) {
    const char *mode = argv[0];
    if (strcmp(mode, "pause") == 0) return keep();
    if (argv[1] != NULL && strcmp(mode, "reap") == 0) return reap(argv + 1);
    if (argv[1] != NULL && strcmp(mode, "open-input") == 0) return run_with_open_input(argv + 1);
    fprintf(stderr, "berth-init: %s: not a way to start\n", mode);
    return 127;
}
