#define _GNU_SOURCE
#include "logger.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int run_init(char **argv) {
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
        execvp(argv[0], argv);
        int code = errno == ENOENT ? 127 : 126;
        fprintf(stderr, "berth-init: %s: %s\n", argv[0], strerror(errno));
        _exit(code);
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
