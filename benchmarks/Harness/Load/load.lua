-- Requests for wrk.
--   wrk … -s load.lua URL                      every request is the one of the command line
--   wrk … -s load.lua URL -- HEADERS [once]    a file of headers, one line a request, taken in turn; with `once` the run ends with the file

dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "figures.lua")

local requests = {}
local at = 0
local once = false

function init(args)
  if args[1] then
    for line in io.lines(args[1]) do
      local name, value = line:match("^([^:]+): (.*)$")
      requests[#requests + 1] = wrk.format("GET", nil, { [name] = value })
    end
    once = args[2] == "once"
  else
    requests[1] = wrk.format()
  end
end

function request()
  at = at + 1
  if at > #requests then
    at = 1
    if once then wrk.thread:stop() end
  end
  return requests[at]
end
