#define _GNU_SOURCE
#include "logger.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* `output.log` is the newest, `output.log.1` the one before it, and so on. */
static int path_of(const struct log_files *files, int index, char *path, size_t size) {
    int length = index == 0 ? snprintf(path, size, "%s/output.log", files->directory)
                            : snprintf(path, size, "%s/output.log.%d", files->directory, index);
    return length > 0 && (size_t)length < size ? 0 : -1;
}

void log_announce(const struct log_files *files) {
    int directory = open(files->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory >= 0) flock(directory, LOCK_SH);
}

int log_open(struct log_files *files) {
    char path[PATH_MAX];
    if (path_of(files, 0, path, sizeof path) < 0) {
        errno = ENAMETOOLONG;
        return -1;
    }
    files->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (files->fd < 0) return -1;
    struct stat status;
    files->size = fstat(files->fd, &status) == 0 ? status.st_size : 0;
    return 0;
}

static void rotate(struct log_files *files) {
    char from[PATH_MAX], to[PATH_MAX];
    for (int index = files->max_files - 2; index >= 0; index--) {
        if (path_of(files, index, from, sizeof from) == 0 && path_of(files, index + 1, to, sizeof to) == 0)
            rename(from, to);
    }
    if (files->max_files < 2) {
        if (path_of(files, 0, from, sizeof from) == 0) unlink(from);
    }
    if (files->fd >= 0) close(files->fd);
    files->fd = -1;
    files->size = 0;
}

/* One whole record or nothing: what a full disk cut off is cut away again. */
static int write_record(struct log_files *files, const char *stream, char tag, const char *text, size_t length) {
    struct timespec now;
    struct tm utc;
    char prefix[96];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    int used = snprintf(
        prefix, sizeof prefix, "%04d-%02d-%02dT%02d:%02d:%02d.%09ldZ %s %c ", utc.tm_year + 1900, utc.tm_mon + 1,
        utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, now.tv_nsec, stream, tag);
    struct iovec parts[3] = {
        {prefix, (size_t)used}, {(void *)text, length}, {"\n", 1},
    };
    ssize_t total = (ssize_t)used + (ssize_t)length + 1;
    if (files->fd >= 0 && files->size > 0 && files->size + total > files->max_bytes) rotate(files);
    if (files->fd < 0 && log_open(files) < 0) return -1;
    ssize_t written;
    do {
        written = writev(files->fd, parts, 3);
    } while (written < 0 && errno == EINTR);
    if (written == total) {
        files->size += total;
        return 0;
    }
    if (written > 0 && ftruncate(files->fd, files->size) < 0) files->size += written;
    return -1;
}

void log_append(struct log_files *files, const char *stream, char tag, const char *text, size_t length) {
    if (files->dropped > 0) {
        char notice[128];
        int used = snprintf(notice, sizeof notice, "[berth: %llu records lost, the disk was full]", files->dropped);
        if (write_record(files, "stderr", 'F', notice, (size_t)used) < 0) {
            files->dropped++;
            return;
        }
        files->dropped = 0;
    }
    if (write_record(files, stream, tag, text, length) < 0) files->dropped++;
}
