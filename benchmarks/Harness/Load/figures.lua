-- What every load script tells at its end: its figures as one line of JSON.
function done(summary)
  local e = summary.errors
  io.write(string.format('{"requests":%d,"microseconds":%d,"unexpected":%d}\n',
    summary.requests, summary.duration, e.connect + e.read + e.write + e.status + e.timeout))
end
