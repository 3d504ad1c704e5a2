-- New orders for wrk.
--   wrk … -s orders.lua URL -- TEMPLATE RUN STATUS    the body is the file TEMPLATE with @REF@ replaced: every request is another order, with a key of its own

dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "figures.lua")

local head, tail
local run
local expected
local count = 0
others = 0 -- answers with another status; global, so that done can read it
local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
end

function init(args)
  local body = io.open(args[1]):read("*a")
  local at, to = body:find("@REF@", 1, true)
  head, tail = body:sub(1, at - 1), body:sub(to + 1)
  run = args[2]
  expected = tonumber(args[3])
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
end

function request()
  count = count + 1
  local reference = string.format("%s-%08d", run, count)
  wrk.headers["Idempotency-Key"] = reference
  return wrk.format(nil, nil, nil, head .. reference .. tail)
end

-- An order that was there already is answered 200 and costs less than a new one.
function response(status)
  if status ~= expected then others = others + 1 end
end

local tell = done
function done(summary, ...)
  for _, thread in ipairs(threads) do summary.errors.status = summary.errors.status + thread:get("others") end
  tell(summary, ...)
end
