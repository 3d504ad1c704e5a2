namespace Gateway.Delivery.Redis;

/// <summary>
/// The Lua that counts, in Redis, by Redis' clock. Each script is atomic: nothing happens between its first line and its last. Every key expires
/// when there is nothing left to remember.
/// </summary>
internal static class LimitScript
{
    /// <summary>How long a permit of <see cref="LimitAlgorithm.Concurrency"/> is held without a sign of life of its node.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    /// <summary>How long a node counts without a sign of life.</summary>
    public static readonly TimeSpan Presence = TimeSpan.FromSeconds(15);

    /// <summary>Values of a limit before the holder's name: algorithm, limit, window in microseconds, cost, reserve.</summary>
    public const int Arguments = 5;

    /// <summary>Numbers of a limit in the answer: 1 where it lets through, permits left, microseconds until whole, microseconds until retry.</summary>
    public const int Answers = 4;

    /// <summary>What a script begins with: <c>now</c>, in microseconds since 1970.</summary>
    public const string Time = "local t = redis.call('TIME') local now = t[1] * 1000000 + t[2]\n";

    /// <summary>
    /// Takes of all limits, or of none. KEYS: one a limit. ARGV: <see cref="Arguments"/> a limit, then the holder's name. Answer:
    /// <see cref="Answers"/> a limit.
    /// <list type="bullet">
    /// <item>A token bucket is kept as the moment at which it will be full; what is missing is the time until then. Counted from 2023, so
    /// that a double holds it to a fraction of a microsecond; a quarter of one is let go.</item>
    /// <item>A fixed window as its number and what is used of it; a clock that is set back does not begin one anew.</item>
    /// <item>A sliding window as what was used in each twentieth of it. The part at its edge counts whole, so the limit holds for every
    /// stretch of time; a permit comes back up to a twentieth late.</item>
    /// <item>What is at work as a set of holders, each with the moment at which its lease ends.</item>
    /// </list>
    /// </summary>
    public const string Take = Time + """
        local holder = ARGV[#ARGV]
        local epoch, nothing = 1700000000000000, 0.000001

        local function expire(key, time) redis.call('PEXPIRE', key, math.ceil(time / 1000) + 1000) end

        local function bucket(key, limit, window, cost, need)
          local per, at = window / limit, now - epoch
          local full = math.max(tonumber(redis.call('GET', key) or at), at)
          local left = limit - (full - at) / per
          local wait = (need - left) * per
          if wait < 0.25 then left = math.max(left, need) end
          local function take()
            full = full + cost * per
            redis.call('SET', key, string.format('%.17g', full), 'PX', math.ceil((full - at) / 1000) + 1000)
            return left - cost, full - at
          end
          return left, full - at, math.ceil(wait - 0.25), take
        end

        local function fixed(key, limit, window, cost, need)
          local number, used = math.floor(now / window), 0
          local kept = redis.call('GET', key)
          if kept then
            local n, u = string.match(kept, '^(%d+):(%d+)$')
            if tonumber(n) >= number then number, used = tonumber(n), tonumber(u) end
          end
          local ends = (number + 1) * window - now
          local function whole() if used == 0 then return 0 end return ends end
          local function take()
            used = used + cost
            redis.call('SET', key, string.format('%.0f:%.0f', number, used), 'PX', math.ceil(ends / 1000) + 1000)
            return limit - used, whole()
          end
          return limit - used, whole(), ends, take
        end

        local function sliding(key, limit, window, cost, need)
          local part, kept, sum, newest = window / 20, {}, 0, 0
          local current = math.floor(now / part)
          local all = redis.call('HGETALL', key)
          for i = 1, #all, 2 do newest = math.max(newest, tonumber(all[i])) end
          current = math.max(current, newest)
          for i = 1, #all, 2 do
            local number, used = tonumber(all[i]), tonumber(all[i + 1])
            if number < current - 20 then
              redis.call('HDEL', key, all[i])
            else
              sum = sum + used
              kept[#kept + 1] = { number, used }
            end
          end
          local function back(number) return (number + 21) * part - now end
          local left, whole, wait = limit - sum, 0, 0
          if sum > 0 then whole = back(newest) end
          if left < need then
            table.sort(kept, function(a, b) return a[1] < b[1] end)
            local free = left
            for i = 1, #kept do
              free, wait = free + kept[i][2], back(kept[i][1])
              if free >= need then break end
            end
          end
          local function take()
            redis.call('HINCRBY', key, string.format('%.0f', current), cost)
            expire(key, back(current))
            return left - cost, back(current)
          end
          return left, whole, wait, take
        end

        local function atwork(key, limit, window, cost, need)
          redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
          local left = limit - redis.call('ZCARD', key)
          local function take()
            redis.call('ZADD', key, string.format('%.0f', now + LEASE), holder)
            expire(key, LEASE)
            return left - 1, 0
          end
          return left, 0, 1000000, take
        end

        local kinds, looked, all = { bucket, fixed, sliding, atwork }, {}, true
        for i, key in ipairs(KEYS) do
          local a = (i - 1) * 5
          local kind, limit, window = tonumber(ARGV[a + 1]), tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3])
          local cost, reserve = tonumber(ARGV[a + 4]), tonumber(ARGV[a + 5])
          local left, whole, wait, take = kinds[kind](key, limit, window, cost, cost + reserve)
          local ok = cost == 0 or left >= cost + reserve
          all = all and ok
          looked[i] = { ok, left, whole, wait, take, cost }
        end
        local said = {}
        for i, one in ipairs(looked) do
          local ok, left, whole, wait = one[1], one[2], one[3], one[4]
          if all and one[6] > 0 then left, whole = one[5]() end
          said[#said + 1] = ok and 1 or 0
          said[#said + 1] = math.max(0, math.floor(left + nothing))
          said[#said + 1] = math.ceil(whole)
          said[#said + 1] = ok and 0 or math.max(1, wait)
        end
        return said
        """;

    /// <summary>
    /// A sign of life. KEYS: the set of nodes, then one for each permit that is held. ARGV: this node, then the holder of each. Answer: how many
    /// nodes there are.
    /// </summary>
    public const string Pulse = Time + """
        redis.call('ZADD', KEYS[1], string.format('%.0f', now + PRESENCE), ARGV[1])
        redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
        redis.call('PEXPIRE', KEYS[1], PRESENCE / 1000)
        for i = 2, #KEYS do
          redis.call('ZADD', KEYS[i], 'XX', string.format('%.0f', now + LEASE), ARGV[i])
          redis.call('PEXPIRE', KEYS[i], LEASE / 1000 + 1000)
        end
        return redis.call('ZCARD', KEYS[1])
        """;
}
