#ifndef BERTH_LOGGER_H
#define BERTH_LOGGER_H

#include <stddef.h>

/* Where records go and when a file is full. */
struct log_files {
    const char *directory;
    long long max_bytes;
    int max_files;
    int fd;
    long long size;
    unsigned long long dropped;
};

/* Holds a shared lock on the directory until this process ends: while anybody has one, more output may come. */
void log_announce(const struct log_files *files);

/* Opens `directory`/output.log for appending; 0, or -1 with errno. */
int log_open(struct log_files *files);

/* Appends one record; on a full disk the record is counted and dropped, and a later record is preceded by a notice. */
void log_append(struct log_files *files, const char *stream, char tag, const char *text, size_t length);

/* Runs argv as the only child and reaps everything that init inherits; the exit code is the child's. */
int run_init(char **argv);

#endif
