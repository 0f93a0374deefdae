/// What Swift cannot do safely from its own threads: network namespaces, processes, and the memory of their code.
///
/// No function here changes the namespaces of the calling thread. What must enter a namespace does so on a pthread made
/// for that one call, which ends with it: a thread of the concurrency or NIO pools never leaves its namespaces.
/// Every function returns 0 or more on success and a negative errno on failure, and may be called from any thread.
#ifndef BERTH_CLINUX_H
#define BERTH_CLINUX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

// MARK: Network namespaces

/// Makes a network namespace with its loopback up and keeps it by a bind mount on the file `path`.
///
/// The file is created; its directory must exist. Fails with -EEXIST when the file is there already.
int clinux_netns_create(const char *_Nonnull path);

/// Unmounts and removes what `clinux_netns_create` made. What is absent, or a plain file, is removed without complaint.
int clinux_netns_remove(const char *_Nonnull path);

/// 1 when `path` is a namespace kept by a mount, 0 when it is absent or a plain file.
int clinux_netns_exists(const char *_Nonnull path);

/// Calls `body(argument)` on a thread inside the network namespace `path`, and returns when it has returned.
int clinux_netns_call(const char *_Nonnull path, void (*_Nonnull body)(void *_Nullable), void *_Nullable argument);

/// Makes a listening TCP socket (non-blocking, close-on-exec) on an IPv4 address inside the network namespace `path`.
///
/// Returns the descriptor, which the caller owns; it works from any thread of any namespace.
int clinux_netns_listen(const char *_Nonnull path, const char *_Nonnull address, uint16_t port, int backlog);

/// Adds an IPv4 address with prefix 32 to the loopback of the network namespace `path`; already there is fine.
int clinux_netns_add_loopback_address(const char *_Nonnull path, const char *_Nonnull address);

/// 1 when `port` can be bound on `address` by a new listener of the calling thread's namespace, 0 when something holds it.
int clinux_port_is_free(const char *_Nonnull address, uint16_t port, int is_udp);

// MARK: Processes

/// A program to run to its end.
struct clinux_command {
    const char *_Nonnull path;
    /// NULL-terminated; the first is the program's name.
    char *_Nullable const *_Nonnull argv;
    /// NULL-terminated; the whole environment of the program.
    char *_Nullable const *_Nonnull envp;
    /// What the program reads on standard input; may be NULL when `input_length` is 0.
    const void *_Nullable input;
    size_t input_length;
    /// After this many milliseconds the program's process group is killed and the result is -ETIMEDOUT.
    int timeout_ms;
    /// A descriptor that the program holds as its number 3, such as a lock; -1 for none.
    int held_fd;
};

/// What a program wrote. Free both with `clinux_output_free`.
struct clinux_output {
    char *_Nullable out;
    size_t out_length;
    char *_Nullable err;
    size_t err_length;
    /// Exit code, or 128 + signal.
    int status;
};

/// Runs a program, feeds it its input and collects both outputs, at most 1 MiB each (the rest is read and dropped).
///
/// The program gets a process group of its own, default signals, no descriptor but 0, 1, 2 and `held_fd`, and
/// the calling thread's namespaces. Returns 0 when it ran to its end, whatever its exit status.
int clinux_run(const struct clinux_command *_Nonnull command, struct clinux_output *_Nonnull output);

void clinux_output_free(struct clinux_output *_Nonnull output);

/// Starts a program that outlives this process: a session of its own, default signals, standard input from /dev/null,
/// both outputs to `log_fd` (or /dev/null when negative), no other descriptor.
///
/// `working_directory` may be NULL (stays). `netns` may be NULL (the caller's). Returns its pid, which the caller
/// should reap for as long as it lives.
pid_t clinux_spawn_detached(
    const char *_Nonnull path, char *_Nullable const *_Nonnull argv, char *_Nullable const *_Nonnull envp, int log_fd,
    const char *_Nullable working_directory, const char *_Nullable netns);

/// When a process started, in clock ticks since the host's own start: with its id it names one process for ever.
///
/// -ESRCH when no such process runs; a zombie does not.
int64_t clinux_process_start_time(pid_t pid);

/// Unmaps the program's own code, and that of its libraries, of which the kernel maps again, page by page, what still runs.
///
/// A start runs much code once, and a page that ran stays resident with its neighbours. Nothing is lost but time for a few
/// page faults: code is never written to. Code that comes from no file stays.
void clinux_unmap_idle_code(void);

#ifdef __cplusplus
}
#endif
#endif
