-- Requests for wrk on a generated workspace, and its figures as one line of JSON.
--   wrk … -s workspace.lua URL -- FILE     a line a request, PATH and API key, taken in turn

local requests = {}
local at = 0

function init(args)
  for line in io.lines(args[1]) do
    local path, key = line:match("^(%S+) (%S+)$")
    requests[#requests + 1] = wrk.format("GET", path, { ["X-Api-Key"] = key })
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary)
  local e = summary.errors
  io.write(string.format('{"requests":%d,"microseconds":%d,"unexpected":%d}\n',
    summary.requests, summary.duration, e.connect + e.read + e.write + e.status + e.timeout))
end
