#define _GNU_SOURCE
#include "CLinux.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/vfs.h>
#include <unistd.h>

#ifndef NSFS_MAGIC
#define NSFS_MAGIC 0x6e736673
#endif

/// Runs `routine` on a thread of its own and waits for it.
static int on_own_thread(void *(*routine)(void *), void *argument) {
    pthread_t thread;
    int failure = pthread_create(&thread, NULL, routine, argument);
    if (failure != 0) {
        return -failure;
    }
    failure = pthread_join(thread, NULL);
    return -failure;
}

// MARK: Making one

struct creation {
    const char *path;
    int result;
};

static int loopback_up(void) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -errno;
    }
    struct ifreq request;
    memset(&request, 0, sizeof request);
    strncpy(request.ifr_name, "lo", IFNAMSIZ - 1);
    int result = 0;
    if (ioctl(fd, SIOCGIFFLAGS, &request) < 0) {
        result = -errno;
    } else {
        request.ifr_flags |= IFF_UP | IFF_RUNNING;
        if (ioctl(fd, SIOCSIFFLAGS, &request) < 0) {
            result = -errno;
        }
    }
    close(fd);
    return result;
}

static void *create_on_thread(void *argument) {
    struct creation *creation = argument;
    if (unshare(CLONE_NEWNET) < 0) {
        creation->result = -errno;
        return NULL;
    }
    creation->result = loopback_up();
    if (creation->result == 0 && mount("/proc/thread-self/ns/net", creation->path, "none", MS_BIND, NULL) < 0) {
        creation->result = -errno;
    }
    return NULL;
}

int clinux_netns_create(const char *path) {
    int fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
    if (fd < 0) {
        return -errno;
    }
    close(fd);
    struct creation creation = {path, 0};
    int failure = on_own_thread(create_on_thread, &creation);
    if (failure == 0) {
        failure = creation.result;
    }
    if (failure != 0) {
        unlink(path);
    }
    return failure;
}

int clinux_netns_remove(const char *path) {
    // Detached, so that a process still inside delays nothing; the namespace ends with the last of them.
    // More than one mount can lie on the file when a peer of the mount namespace copied it.
    while (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0) {
    }
    if (errno != EINVAL && errno != ENOENT) {
        return -errno;
    }
    if (unlink(path) < 0 && errno != ENOENT) {
        return -errno;
    }
    return 0;
}

int clinux_netns_exists(const char *path) {
    struct statfs found;
    if (statfs(path, &found) < 0) {
        return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
    }
    return (unsigned long)found.f_type == NSFS_MAGIC ? 1 : 0;
}

// MARK: Working inside one

struct visit {
    int namespace_fd;
    void (*body)(void *);
    void *argument;
    int result;
};

static void *visit_on_thread(void *argument) {
    struct visit *visit = argument;
    if (setns(visit->namespace_fd, CLONE_NEWNET) < 0) {
        visit->result = -errno;
        return NULL;
    }
    visit->body(visit->argument);
    return NULL;
}

int clinux_netns_call(const char *path, void (*body)(void *), void *argument) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    struct visit visit = {fd, body, argument, 0};
    int failure = on_own_thread(visit_on_thread, &visit);
    close(fd);
    return failure != 0 ? failure : visit.result;
}

// MARK: Sockets

struct endpoint {
    const char *address;
    uint16_t port;
    int backlog;
    int result;
};

/// Fills an IPv4 socket address; -EINVAL when the text is none.
static int parse_address(const char *text, uint16_t port, struct sockaddr_in *address) {
    memset(address, 0, sizeof *address);
    address->sin_family = AF_INET;
    address->sin_port = htons(port);
    return inet_pton(AF_INET, text, &address->sin_addr) == 1 ? 0 : -EINVAL;
}

static void listen_here(void *argument) {
    struct endpoint *endpoint = argument;
    struct sockaddr_in address;
    endpoint->result = parse_address(endpoint->address, endpoint->port, &address);
    if (endpoint->result != 0) {
        return;
    }
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        endpoint->result = -errno;
        return;
    }
    int on = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0
        || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, endpoint->backlog) < 0) {
        endpoint->result = -errno;
        close(fd);
        return;
    }
    endpoint->result = fd;
}

int clinux_netns_listen(const char *path, const char *address, uint16_t port, int backlog) {
    struct endpoint endpoint = {address, port, backlog, 0};
    int failure = clinux_netns_call(path, listen_here, &endpoint);
    return failure != 0 ? failure : endpoint.result;
}

static void add_address_here(void *argument) {
    struct endpoint *endpoint = argument;
    struct ifreq request;
    memset(&request, 0, sizeof request);
    endpoint->result = parse_address(endpoint->address, 0, (struct sockaddr_in *)&request.ifr_addr);
    if (endpoint->result != 0) {
        return;
    }
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        endpoint->result = -errno;
        return;
    }
    // A label of its own, so that 127.0.0.1 stays what it is; setting the same address again changes nothing.
    strncpy(request.ifr_name, "lo:1", IFNAMSIZ - 1);
    if (ioctl(fd, SIOCSIFADDR, &request) < 0) {
        endpoint->result = -errno;
    } else {
        parse_address("255.255.255.255", 0, (struct sockaddr_in *)&request.ifr_netmask);
        if (ioctl(fd, SIOCSIFNETMASK, &request) < 0) {
            endpoint->result = -errno;
        }
    }
    close(fd);
}

int clinux_netns_add_loopback_address(const char *path, const char *address) {
    struct endpoint endpoint = {address, 0, 0, 0};
    int failure = clinux_netns_call(path, add_address_here, &endpoint);
    return failure != 0 ? failure : endpoint.result;
}

int clinux_port_is_free(const char *address, uint16_t port, int is_udp) {
    struct sockaddr_in wanted;
    if (parse_address(address, port, &wanted) != 0) {
        return -EINVAL;
    }
    int fd = socket(AF_INET, (is_udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -errno;
    }
    // A closed connection that lingers in TIME_WAIT is no owner of a TCP port. For UDP the option would hide one.
    int on = 1;
    int result = 1;
    if (!is_udp && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0) {
        result = -errno;
    } else if (bind(fd, (struct sockaddr *)&wanted, sizeof wanted) < 0) {
        result = errno == EADDRINUSE ? 0 : -errno;
    }
    close(fd);
    return result;
}
