-- Requests for wrk on a generated workspace.
--   wrk … -s workspace.lua URL -- FILE     a line a request, PATH and API key, taken in turn

dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "figures.lua")

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
