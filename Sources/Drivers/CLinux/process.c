#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/// Larger answers than any plugin or `iptables-save` of a sane host gives; smaller would cut a real one.
static const size_t output_limit = 1 << 20;

static long long milliseconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// MARK: Spawning

/// Starts a program with the given descriptors as its 0, 1, 2 and perhaps 3 (-1 for none), and nothing else of ours.
static int spawn(
    pid_t *pid, const char *path, char *const *argv, char *const *envp, const int fds[4], short group_flag,
    const char *working_directory) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int failure = posix_spawn_file_actions_init(&actions);
    if (failure != 0) {
        return failure;
    }
    failure = posix_spawnattr_init(&attributes);
    if (failure != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return failure;
    }
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    sigdelset(&all, SIGKILL);
    sigdelset(&all, SIGSTOP);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | group_flag);
    // 3 is the last target and none of the sources of the others is touched before it.
    int count = fds[3] < 0 ? 3 : 4;
    for (int target = 0; failure == 0 && target < count; target++) {
        failure = posix_spawn_file_actions_adddup2(&actions, fds[target], target);
    }
    if (failure == 0) {
        failure = posix_spawn_file_actions_addclosefrom_np(&actions, count);
    }
    if (failure == 0 && working_directory != NULL) {
        failure = posix_spawn_file_actions_addchdir_np(&actions, working_directory);
    }
    if (failure == 0) {
        failure = posix_spawn(pid, path, &actions, &attributes, argv, envp);
    }
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failure;
}

/// A descriptor like `fd` but above the three that a child's own are put on, so that none is overwritten on the way.
static int above_standard(int fd) {
    if (fd < 0 || fd > 2) {
        return fd;
    }
    int moved = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    close(fd);
    return moved;
}

static int make_pipe(int ends[2]) {
    if (pipe2(ends, O_CLOEXEC) < 0) {
        return -errno;
    }
    ends[0] = above_standard(ends[0]);
    ends[1] = above_standard(ends[1]);
    return ends[0] < 0 || ends[1] < 0 ? -EMFILE : 0;
}

static void close_if_open(int *fd) {
    if (*fd >= 0) {
        close(*fd);
        *fd = -1;
    }
}

// MARK: Collecting output

struct collector {
    char *bytes;
    size_t length;
    size_t capacity;
};

static int collect(struct collector *collector, const char *bytes, size_t count) {
    size_t room = output_limit - collector->length;
    size_t taken = count < room ? count : room;
    if (collector->length + taken > collector->capacity) {
        size_t capacity = collector->capacity == 0 ? 4096 : collector->capacity;
        while (capacity < collector->length + taken) {
            capacity *= 2;
        }
        char *grown = realloc(collector->bytes, capacity);
        if (grown == NULL) {
            return -ENOMEM;
        }
        collector->bytes = grown;
        collector->capacity = capacity;
    }
    if (taken > 0) {
        memcpy(collector->bytes + collector->length, bytes, taken);
    }
    collector->length += taken;
    return 0;
}

/// Reads what is there. Returns 1 at the end of the stream, 0 when more may come.
static int drain(int fd, struct collector *collector) {
    char buffer[16384];
    ssize_t count = read(fd, buffer, sizeof buffer);
    if (count == 0) {
        return 1;
    }
    if (count < 0) {
        return errno == EINTR || errno == EAGAIN ? 0 : -errno;
    }
    return collect(collector, buffer, (size_t)count);
}

/// Feeds and drains the program until it has closed its outputs, or the deadline has passed.
static int converse(
    const struct clinux_command *command, int *input, int outputs[2], struct collector collectors[2],
    long long deadline) {
    size_t written = 0;
    while (outputs[0] >= 0 || outputs[1] >= 0) {
        struct pollfd watched[3] = {
            {outputs[0], POLLIN, 0}, {outputs[1], POLLIN, 0}, {*input, POLLOUT, 0}};
        long long left = deadline - milliseconds_now();
        if (left <= 0) {
            return -ETIMEDOUT;
        }
        int ready = poll(watched, 3, left > 60000 ? 60000 : (int)left);
        if (ready < 0 && errno != EINTR) {
            return -errno;
        }
        if (ready <= 0) {
            continue;
        }
        for (int index = 0; index < 2; index++) {
            if (outputs[index] >= 0 && watched[index].revents != 0) {
                int ended = drain(outputs[index], &collectors[index]);
                if (ended < 0) {
                    return ended;
                }
                if (ended == 1) {
                    close_if_open(&outputs[index]);
                }
            }
        }
        if (*input >= 0 && watched[2].revents != 0) {
            // MSG_NOSIGNAL: a program that does not read its input must not kill this process by SIGPIPE.
            ssize_t count = written < command->input_length
                ? send(*input, (const char *)command->input + written, command->input_length - written, MSG_NOSIGNAL)
                : 0;
            if (count > 0) {
                written += (size_t)count;
            }
            if (written >= command->input_length || (count < 0 && errno != EAGAIN && errno != EINTR)) {
                close_if_open(input);
            }
        }
    }
    return 0;
}

/// Waits for the program until the deadline; -ETIMEDOUT leaves it unreaped.
static int reap_until(pid_t pid, long long deadline, int *status) {
    for (;;) {
        pid_t ended = waitpid(pid, status, WNOHANG);
        if (ended == pid) {
            return 0;
        }
        if (ended < 0 && errno != EINTR) {
            return -errno;
        }
        if (milliseconds_now() >= deadline) {
            return -ETIMEDOUT;
        }
        struct timespec pause = {0, 1000000};
        nanosleep(&pause, NULL);
    }
}

// MARK: Running to the end

int clinux_run(const struct clinux_command *command, struct clinux_output *output) {
    memset(output, 0, sizeof *output);
    int input[2] = {-1, -1};
    int out[2] = {-1, -1};
    int err[2] = {-1, -1};
    struct collector collectors[2] = {{NULL, 0, 0}, {NULL, 0, 0}};
    int result = 0;
    // A socket pair for the input, since only a socket can be written to without risking SIGPIPE.
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, input) < 0) {
        return -errno;
    }
    input[0] = above_standard(input[0]);
    input[1] = above_standard(input[1]);
    if (input[0] < 0 || input[1] < 0) {
        result = -EMFILE;
    }
    if (result == 0) {
        result = make_pipe(out);
    }
    if (result == 0) {
        result = make_pipe(err);
    }
    pid_t pid = -1;
    if (result == 0) {
        const int fds[4] = {input[1], out[1], err[1], command->held_fd};
        result = -spawn(
            &pid, command->path, command->argv, command->envp, fds, POSIX_SPAWN_SETPGROUP, NULL);
    }
    close_if_open(&input[1]);
    close_if_open(&out[1]);
    close_if_open(&err[1]);
    if (result == 0) {
        long long deadline = milliseconds_now() + command->timeout_ms;
        int outputs[2] = {out[0], err[0]};
        if (fcntl(input[0], F_SETFL, O_NONBLOCK) < 0) {
            result = -errno;
        } else {
            result = converse(command, &input[0], outputs, collectors, deadline);
        }
        out[0] = outputs[0];
        err[0] = outputs[1];
        close_if_open(&input[0]);
        int status = 0;
        int reaped = result == 0 ? reap_until(pid, deadline, &status) : result;
        if (reaped != 0) {
            kill(-pid, SIGKILL);
            while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
            }
            result = reaped;
        }
        output->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }
    close_if_open(&input[0]);
    close_if_open(&out[0]);
    close_if_open(&err[0]);
    output->out = collectors[0].bytes;
    output->out_length = collectors[0].length;
    output->err = collectors[1].bytes;
    output->err_length = collectors[1].length;
    return result;
}

void clinux_output_free(struct clinux_output *output) {
    free(output->out);
    free(output->err);
    memset(output, 0, sizeof *output);
}

// MARK: Programs that outlive us

struct departure {
    const char *path;
    char *const *argv;
    char *const *envp;
    const int *fds;
    const char *working_directory;
    pid_t pid;
    int result;
};

static void depart(void *argument) {
    struct departure *departure = argument;
    departure->result = -spawn(
        &departure->pid, departure->path, departure->argv, departure->envp, departure->fds, POSIX_SPAWN_SETSID,
        departure->working_directory);
}

pid_t clinux_spawn_detached(
    const char *path, char *const *argv, char *const *envp, int log_fd, const char *working_directory,
    const char *netns) {
    int nothing = above_standard(open("/dev/null", O_RDWR | O_CLOEXEC));
    if (nothing < 0) {
        return -errno;
    }
    // A copy: descriptors 0 to 2 may be the log itself.
    int log = log_fd < 0 ? nothing : fcntl(log_fd, F_DUPFD_CLOEXEC, 3);
    if (log < 0) {
        int failure = -errno;
        close(nothing);
        return failure;
    }
    const int fds[4] = {nothing, log, log, -1};
    struct departure departure = {path, argv, envp, fds, working_directory, -1, 0};
    int failure = 0;
    if (netns == NULL) {
        depart(&departure);
    } else {
        failure = clinux_netns_call(netns, depart, &departure);
    }
    if (log != nothing) {
        close(log);
    }
    close(nothing);
    if (failure != 0) {
        return failure;
    }
    return departure.result != 0 ? departure.result : departure.pid;
}

// MARK: Which process it is

int64_t clinux_process_start_time(pid_t pid) {
    char path[32];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT ? -ESRCH : -errno;
    }
    char text[1024];
    ssize_t length = read(fd, text, sizeof text - 1);
    int failure = errno;
    close(fd);
    if (length < 0) {
        return -failure;
    }
    text[length] = '\0';
    // The second field is the program's name in parentheses, which may hold anything; the last one closes it.
    const char *name_end = strrchr(text, ')');
    char state;
    unsigned long long start;
    // The state is field 3, the start time field 22.
    int found = name_end == NULL ? 0 : sscanf(
        name_end + 1,
        " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu", &state, &start);
    if (found != 2) {
        return -EPROTO;
    }
    return state == 'Z' || state == 'X' ? -ESRCH : (int64_t)start;
}

// MARK: Its memory

static int unmap_code(struct dl_phdr_info *info, size_t size, void *argument) {
    (void)size;
    (void)argument;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int index = 0; index < info->dlpi_phnum; index++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[index];
        if (part->p_type != PT_LOAD || (part->p_flags & PF_X) == 0 || (part->p_flags & PF_W) != 0) {
            continue;
        }
        uintptr_t start = (info->dlpi_addr + part->p_vaddr) & ~(page - 1);
        uintptr_t end = (info->dlpi_addr + part->p_vaddr + part->p_filesz + page - 1) & ~(page - 1);
        // Fails for code that comes from no file, such as the kernel's own.
        madvise((void *)start, end - start, MADV_DONTNEED);
    }
    return 0;
}

void clinux_unmap_idle_code(void) {
    dl_iterate_phdr(unmap_code, NULL);
}
