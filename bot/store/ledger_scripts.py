"""The Lua scripts of the turn ledger. Each is one atomic step, and safe to run twice.

A field `rank` says how far a turn is: see `bot.store.ledger`.
"""

from __future__ import annotations

# `claim` distinguishes a repeat of the same call (true again) from a second call (false).
ACCEPT = """
if redis.call('HEXISTS', KEYS[1], 'record') == 1 then
  return redis.call('HGET', KEYS[1], 'claim') == ARGV[1] and 1 or 0
end
redis.call('HSET', KEYS[1], 'claim', ARGV[1], 'rank', ARGV[2], 'record', ARGV[3])
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[5])
return 1
"""

# Writes a session, the authors of messages, and turns atomically. A done turn's record contains its
# message ids, so all chunk fields are deleted, those of dropped chunks included.
WRITE = """
local fields, messages = tonumber(ARGV[1]), tonumber(ARGV[6])
if fields > 0 then
  redis.call('HSET', KEYS[2], unpack(ARGV, 7, 6 + fields))
  redis.call('EXPIRE', KEYS[2], ARGV[4])
  redis.call('SADD', KEYS[3], ARGV[2])
  redis.call('EXPIRE', KEYS[3], ARGV[4])
  if redis.call('HGET', KEYS[2], 'cut') == ARGV[3] then redis.call('HDEL', KEYS[2], 'cut') end
end
local at = 7 + fields
for number = 4, 3 + messages do
  redis.call('HSET', KEYS[number], ARGV[at], ARGV[at + 1])
  redis.call('EXPIRE', KEYS[number], ARGV[5])
  at = at + 2
end
for number = 4 + messages, #KEYS do
  local key = KEYS[number]
  local rank, record, age, id, kept, chunks = unpack(ARGV, at, at + 5)
  at = at + 6
  if tonumber(redis.call('HGET', key, 'rank') or 0) <= tonumber(rank) then
    redis.call('HSET', key, 'rank', rank, 'record', record)
    if tonumber(kept) > 0 then
      redis.call('ZREM', KEYS[1], id)
      redis.call('EXPIRE', key, kept)
      redis.call('HDEL', key, 'claim')
    else
      redis.call('ZADD', KEYS[1], age, id)
    end
    local shown = tonumber(chunks)
    if shown >= 0 then
      for index = 0, shown - 1 do redis.call('HDEL', key, 'chunk:' .. index) end
      while redis.call('HDEL', key, 'chunk:' .. shown) == 1 do shown = shown + 1 end
    end
  end
end
return 1
"""

# A store that lost its last second may know nothing of the turn any more.
CHUNK = """
if redis.call('HEXISTS', KEYS[1], 'record') == 0 then
  redis.call('HSET', KEYS[1], 'rank', ARGV[3], 'record', ARGV[4])
  redis.call('ZADD', KEYS[2], ARGV[5], ARGV[6])
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('HSET', KEYS[3], ARGV[2], ARGV[7])
redis.call('EXPIRE', KEYS[3], ARGV[8])
"""

REOPEN = """
local record = redis.call('HGET', KEYS[1], 'record')
if not record then return 0 end
if redis.call('HGET', KEYS[1], 'claim') == ARGV[1] then return 1 end
if cjson.decode(record).state ~= 'done' then return 0 end
redis.call('HSET', KEYS[1], 'claim', ARGV[1], 'rank', ARGV[2], 'record', ARGV[3])
redis.call('PERSIST', KEYS[1])
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[5])
return 1
"""

# Positions are texts of equal length, so comparing the texts compares the numbers exactly.
CUT = """
local asked = {}
for number = 4, #ARGV do asked[ARGV[number]] = true end
for _, character in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local key = ARGV[1] .. character
  local row = redis.call('HMGET', key, 'cursor', 'cut', 'reach')
  local heard = row[1] and (asked[character] or (row[3] or row[1]) >= ARGV[2])
  if heard and character ~= ARGV[3] and not (row[2] and row[2] <= ARGV[2]) then
    redis.call('HSET', key, 'cut', ARGV[2])
  end
end
return 1
"""

UNFINISHED = """
local found = {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  found[#found + 1] = {id, redis.call('HGETALL', ARGV[1] .. id)}
end
return found
"""
