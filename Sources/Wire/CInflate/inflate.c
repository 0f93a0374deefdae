#include "CInflate.h"

#include <limits.h>
#include <zlib.h>

// Window bits of the largest window, plus 16: gzip's header and trailer, nothing else.
#define GZIP_WINDOW (15 + 16)

long berth_gunzip(const uint8_t *source, size_t source_count, uint8_t *target, size_t capacity) {
    if (source_count > UINT_MAX || capacity > UINT_MAX) return BERTH_INFLATE_TOO_LARGE;
    z_stream stream = {0};
    stream.next_in = (Bytef *)source;
    stream.avail_in = (uInt)source_count;
    stream.next_out = target;
    stream.avail_out = (uInt)capacity;
    if (inflateInit2(&stream, GZIP_WINDOW) != Z_OK) return BERTH_INFLATE_NO_MEMORY;

    long result = BERTH_INFLATE_DAMAGED;
    for (;;) {
        int status = inflate(&stream, Z_FINISH);
        if (status == Z_STREAM_END) {
            if (stream.avail_in > 0) {
                if (inflateReset(&stream) != Z_OK) break;
                continue;
            }
            result = (long)(capacity - stream.avail_out);
        } else if (status == Z_MEM_ERROR) {
            result = BERTH_INFLATE_NO_MEMORY;
        } else if ((status == Z_BUF_ERROR || status == Z_OK) && stream.avail_out == 0 && stream.avail_in > 0) {
            result = BERTH_INFLATE_TOO_LARGE;
        }
        break;
    }
    inflateEnd(&stream);
    return result;
}
