/* The end of a container's output: containerd's binary logger protocol (descriptor 3 standard output, 4 standard
   error, 5 closed when ready). Each line becomes a record `TIME STREAM F|P TEXT` in the given directory. Reads until
   both streams end, whoever else dies meanwhile. Called as `berth-init MODE [PROGRAM…]`, it is a
   container's first process: `reap`, `open-input` or `pause`. */
#define _GNU_SOURCE
#include "logger.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A longer line is split into P records and a final F record, as kubelet's format has it. */
#define LINE_LIMIT 16384

struct stream {
    int fd;
    const char *name;
    size_t used;
    char buffer[LINE_LIMIT];
};

static void keep_remainder(struct stream *stream, size_t start) {
    memmove(stream->buffer, stream->buffer + start, stream->used - start);
    stream->used -= start;
}

static void take(struct stream *stream, struct log_files *files) {
    ssize_t count = read(stream->fd, stream->buffer + stream->used, LINE_LIMIT - stream->used);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (count <= 0) {
        if (stream->used > 0) log_append(files, stream->name, 'F', stream->buffer, stream->used);
        close(stream->fd);
        stream->fd = -1;
        return;
    }
    stream->used += (size_t)count;
    size_t start = 0;
    char *end;
    while ((end = memchr(stream->buffer + start, '\n', stream->used - start)) != NULL) {
        size_t length = (size_t)(end - (stream->buffer + start));
        log_append(files, stream->name, 'F', stream->buffer + start, length);
        start += length + 1;
    }
    keep_remainder(stream, start);
    if (stream->used == LINE_LIMIT) {
        log_append(files, stream->name, 'P', stream->buffer, stream->used);
        stream->used = 0;
    }
}

static long long number(const char *text, long long smallest, long long fallback) {
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && value >= smallest ? value : fallback;
}

/* containerd passes the URI's query as name and value, in any order. */
static void read_arguments(int argc, char **argv, struct log_files *files) {
    for (int index = 1; index + 1 < argc; index += 2) {
        if (strcmp(argv[index], "directory") == 0) files->directory = argv[index + 1];
        if (strcmp(argv[index], "bytes") == 0) files->max_bytes = number(argv[index + 1], 4096, files->max_bytes);
        if (strcmp(argv[index], "files") == 0) files->max_files = (int)number(argv[index + 1], 1, files->max_files);
    }
}

int main(int argc, char **argv) {
    const char *slash = strrchr(argv[0], '/');
    if (strcmp(slash ? slash + 1 : argv[0], "berth-init") == 0) {
        if (argc < 2) return 127;
        return run_init(argv + 1);
    }
    struct log_files files = {.directory = NULL, .max_bytes = 10 << 20, .max_files = 5, .fd = -1};
    read_arguments(argc, argv, &files);
    if (files.directory == NULL) {
        fprintf(stderr, "berth-logger: directory DIR is missing\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    log_announce(&files);
    if (log_open(&files) < 0 && errno != ENOSPC && errno != EDQUOT) {
        fprintf(stderr, "berth-logger: %s: %s\n", files.directory, strerror(errno));
        return 1;
    }
    static struct stream streams[2] = {{.fd = 3, .name = "stdout"}, {.fd = 4, .name = "stderr"}};
    close(5);
    while (streams[0].fd >= 0 || streams[1].fd >= 0) {
        struct pollfd polled[2] = {{streams[0].fd, POLLIN, 0}, {streams[1].fd, POLLIN, 0}};
        if (poll(polled, 2, -1) < 0) continue;
        for (int index = 0; index < 2; index++) {
            if (streams[index].fd >= 0 && polled[index].revents != 0) take(&streams[index], &files);
        }
    }
    return 0;
}
