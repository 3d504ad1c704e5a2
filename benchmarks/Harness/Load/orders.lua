-- New orders for wrk.
--   wrk … -s orders.lua URL -- TEMPLATE RUN    the body is the file TEMPLATE with @REF@ replaced: every request is another order, with a key of its own

dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "figures.lua")

local head, tail
local run
local count = 0

function init(args)
  local body = io.open(args[1]):read("*a")
  local at, to = body:find("@REF@", 1, true)
  head, tail = body:sub(1, at - 1), body:sub(to + 1)
  run = args[2]
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
end

function request()
  count = count + 1
  local reference = string.format("%s-%08d", run, count)
  wrk.headers["Idempotency-Key"] = reference
  return wrk.format(nil, nil, nil, head .. reference .. tail)
end
