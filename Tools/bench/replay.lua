-- Sends requests read from a file (each its length in digits, a newline, its bytes) as they are, and sums up in JSON.

local requests, position, once = {}, 0, false

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  local length = file:read("*number")
  while length do
    file:read(1)
    requests[#requests + 1] = file:read(length)
    length = file:read("*number")
  end
  file:close()
  once = arguments[2] == "once"
end

function request()
  position = position + 1
  if position >= #requests then
    if once then wrk.thread:stop() end
    if position > #requests then position = 1 end
  end
  return requests[position]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format('{"seconds": %f, "answers": %d, "errors": %d, "tail": %f}\n', summary.duration / 1e6,
    summary.requests, errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(99) / 1e6))
end
