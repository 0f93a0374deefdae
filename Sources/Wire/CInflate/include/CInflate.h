#ifndef BERTH_CINFLATE_H
#define BERTH_CINFLATE_H

#include <stddef.h>
#include <stdint.h>

#define BERTH_INFLATE_DAMAGED (-1)
#define BERTH_INFLATE_TOO_LARGE (-2)
#define BERTH_INFLATE_NO_MEMORY (-3)

/// Inflates a gzip file (RFC 1952, one member or several) into `target`.
///
/// Returns the bytes written, or one of the negative numbers above. No more than `capacity` bytes are ever inflated.
long berth_gunzip(const uint8_t *source, size_t source_count, uint8_t *target, size_t capacity);

#endif
