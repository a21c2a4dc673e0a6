/**
 * One step of the generic cell rate algorithm, as `core/gcra.ts` has it, for all processes at once. The time is that
 * of Redis, so that nobody's clock has to agree with another's, unless one is given. In milliseconds:
 *
 * KEYS[1] the key; ARGV: interval, tolerance, cost, now (empty for the time of Redis).
 *
 * Answers whether it is allowed, what is owed afterwards, and how long until it would be allowed.
 */
export const GCRA_SCRIPT = `
local interval, tolerance, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local now = tonumber(ARGV[4])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + time[2] / 1000
end
local tat = tonumber(redis.call('GET', KEYS[1]) or '') or now
tat = math.max(now, math.min(tat, now + tolerance))
local due = tat + interval * cost
local early = due - tolerance - now
if early > 0.0005 then
  return {0, string.format('%.3f', tat - now), string.format('%.3f', early)}
end
redis.call('SET', KEYS[1], string.format('%.3f', due), 'PX', math.max(1, math.ceil(due - now)))
return {1, string.format('%.3f', due - now), '0'}
`;
