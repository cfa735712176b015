package dev.tokenbroker.peers.store;

import dev.tokenbroker.peers.store.StoreClaim.StoredValue;
import dev.tokenbroker.peers.store.StoreEpoch.Held;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The commands that the broker sends to the store. Each touches the names of one hash slot, and
 * reads a bounded number of bytes, whatever somebody else has written there.
 */
final class ValkeyScripts {

  /** How much of a value is read: enough to see that it is too long to be authentic. */
  private static final int MOST_READ = StoreKey.MAX_VALUE_CHARACTERS + 1;

  /** How much of a log is read at a time. */
  private static final int MOST_READ_OF_LOG = 4 * 1024 * 1024;

  /**
   * Begins a claim: returns an empty text for each name unless the store is in that epoch and the
   * server in that run. Takes the name and both off the arguments.
   */
  private static final String IN_EPOCH =
      """
      local run, known, epoch = table.remove(ARGV), table.remove(ARGV) .. ' ', table.remove(KEYS)
      local info = redis.pcall('INFO', 'server')
      if string.sub(redis.call('GET', epoch) or '', 1, #known) ~= known
          or type(info) ~= 'string' or not string.find(info, 'run_id:' .. run, 1, true) then
        local none = {}
        for i = 1, #KEYS do none[i] = '' end
        return none
      end
      """;

  /**
   * Reads the eviction policy, the run of the server and its time in milliseconds; the places of
   * the further names that do not have the value that they should, with the values that they have;
   * and the epoch. An empty text stands for what is not there or not told. An epoch that no replica
   * can have written becomes a short one.
   */
  private static final String STATE =
      """
      local function told(section, pattern)
        local info = redis.pcall('INFO', section)
        return type(info) == 'string' and string.match(info, pattern) or ''
      end
      local time, others = redis.call('TIME'), {}
      for i = 2, #KEYS do
        local value = redis.call('GETRANGE', KEYS[i], 0, 511)
        if value ~= ARGV[i] then
          others[#others + 1] = (i - 2) .. ':' .. (string.find(value, '[^%w_-]') and '' or value)
        end
      end
      local epoch = redis.call('GETRANGE', KEYS[1], 0, ARGV[1])
      if epoch == '?' or #epoch >= tonumber(ARGV[1]) or string.find(epoch, '[^ -~]') then
        epoch = '?'
        redis.call('SET', KEYS[1], epoch)
      end
      return {
        told('memory', 'maxmemory_policy:([%w-]+)'),
        told('server', 'run_id:(%w+)'),
        string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)),
        table.concat(others, ' '),
        epoch
      }
      """;

  /**
   * Writes all values, unless a name has another value than the one that may be replaced. Returns
   * the values found, an empty text for none; or nothing at all if it has written.
   */
  private static final String CLAIM =
      """
      local found, held = {}, false
      for i, name in ipairs(KEYS) do
        found[i] = redis.call('GETRANGE', name, 0, ARGV[2 + 2 * #KEYS])
        held = held or (found[i] ~= '' and found[i] ~= ARGV[1 + #KEYS + i])
      end
      if held then return found end
      for i, name in ipairs(KEYS) do redis.call('SET', name, ARGV[1 + i], 'PX', ARGV[1]) end
      return {}
      """;

  /**
   * Replaces values that are still those, an empty text for none; leaves their time to live.
   * Returns how many it has replaced.
   */
  private static final String REPLACE =
      """
      local replaced = 0
      for i, name in ipairs(KEYS) do
        if (redis.call('GET', name) or '') == ARGV[i] then
          replaced = replaced + 1
          if ARGV[#KEYS + i] == '' then redis.call('DEL', name)
          else redis.call('SET', name, ARGV[#KEYS + i], 'KEEPTTL') end
        end
      end
      return replaced
      """;

  /**
   * Adds entries to a log, each at a place of its own after all others, and forgets old ones. No
   * entry is ten minutes ahead of the server's clock, unless somebody else has put it there. An
   * entry that is there stays where it is. Returns for each entry 1 if it was not there, or nothing
   * at all if the log is full.
   */
  private static final String ANNOUNCE =
      """
      local time = redis.call('TIME')
      local now = time[1] * 1000000 + time[2]
      redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[1] * 1000)
      redis.call('ZREMRANGEBYSCORE', KEYS[1], string.format('(%.0f', now + 6e8), '+inf')
      if redis.call('ZCARD', KEYS[1]) + #ARGV - 2 > tonumber(ARGV[2]) then return {} end
      local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
      local place = math.max(now, tonumber(last[2]) or 0)
      local added = {}
      for i = 3, #ARGV do
        place = place + 1
        added[i - 2] = redis.call('ZADD', KEYS[1], 'NX', string.format('%.0f', place), ARGV[i])
      end
      redis.call('PEXPIRE', KEYS[1], ARGV[1])
      return added
      """;

  /**
   * Reads entries from the newest back, after so many newer ones: as many as fit. Removes what no
   * replica can have written: what is too long, or no base64url.
   */
  private static final String ENTRIES =
      """
      local fit, bytes = {}, 0
      local found = redis.call('ZRANGE', KEYS[1], ARGV[1], ARGV[1] + ARGV[2] - 1, 'REV')
      for i, value in ipairs(found) do
        fit[i] = string.sub(value, 1, ARGV[3])
        if #value >= tonumber(ARGV[3]) or value == '' or string.find(value, '[^%w_-]') then
          redis.call('ZREM', KEYS[1], value)
        end
        bytes = bytes + #fit[i]
        if bytes > tonumber(ARGV[4]) then break end
      end
      return fit
      """;

  /** Reads the values under all names, an empty text for none. */
  private static final String LOOK =
      """
      local found = {}
      for i, name in ipairs(KEYS) do found[i] = redis.call('GETRANGE', name, 0, ARGV[1]) end
      return found
      """;

  /**
   * Goes before each script: what is of another type than the replicas write becomes a foreign
   * value of that type, which is noted and replaced like any other.
   */
  private static final String TYPED =
      """
      for _, name in ipairs(KEYS) do
        local known = redis.pcall(%s)
        if type(known) == 'table' and string.find(known.err, 'WRONGTYPE', 1, true) then
          redis.call('DEL', name)
          redis.call(%s)
        end
      end
      """;

  private static final String VALUES =
      TYPED.formatted("'GETRANGE', name, 0, 0", "'SET', name, '?', 'PX', 60000");

  private static final String LOG =
      TYPED.formatted("'ZCARD', name", "'ZADD', name, redis.call('TIME')[1] .. '000000', '?'");

  private ValkeyScripts() {}

  /**
   * @param replaceable for each value what may be replaced, an empty text for nothing
   * @param held the epoch that the store must have. If it has another one, the script returns an
   *     empty text for each name
   */
  static Request claim(
      List<StoredValue> values, List<String> replaceable, Duration ttl, Held held) {
    boolean any = held.name().isEmpty();
    List<String> names = new ArrayList<>(names(values));
    names.addAll(any ? List.of() : List.of(held.name()));
    Request request =
        script(
            any ? CLAIM : IN_EPOCH + CLAIM,
            names,
            Math.max(1, ttl.toMillis()),
            texts(values),
            replaceable,
            MOST_READ);
    return any ? request : request.arg(held.epoch()).arg(held.run());
  }

  static Request confirm(List<StoredValue> values, List<StoredValue> confirmed) {
    return script(REPLACE, names(values), texts(values), texts(confirmed));
  }

  static Request giveBack(List<StoredValue> values) {
    return script(REPLACE, names(values), texts(values), values.stream().map(_ -> "").toList());
  }

  static Request look(List<String> names) {
    return script(LOOK, names, MOST_READ);
  }

  /** Writes a value that other values need not agree with. */
  static Request put(StoredValue value, Duration ttl) {
    return Request.cmd(Command.SET)
        .arg(value.name())
        .arg(value.value())
        .arg("PX")
        .arg(Math.max(1, ttl.toMillis()));
  }

  /** The state of the server, what stands at the names of claims in their place, an epoch. */
  static Request state(String epoch, List<StoredValue> claims) {
    List<String> names = Stream.concat(Stream.of(epoch), names(claims).stream()).toList();
    return script(STATE, names, MOST_READ, texts(claims));
  }

  /** Replaces the value of a name, an empty text for none, if it is still that. */
  static Request replace(String name, String before, String after) {
    return script(REPLACE, List.of(name), before, after);
  }

  static Request announce(LogKind kind, String log, List<String> entries) {
    return script(ANNOUNCE, List.of(log), kind.keep().toMillis(), kind.most(), entries);
  }

  /** The entries of a log after so many newer ones. */
  static Request entries(String log, int newer, int most) {
    return script(ENTRIES, List.of(log), newer, most, MOST_READ, MOST_READ_OF_LOG);
  }

  /** Takes entries out of a log. */
  static Request forget(String log, List<String> entries) {
    Request request = Request.cmd(Command.ZREM).arg(log);
    entries.forEach(request::arg);
    return request;
  }

  /** Waits until that many replicas of the server have what this connection wrote before. */
  static Request await(int replicas, int millis) {
    return Request.cmd(Command.WAIT).arg(replicas).arg(millis);
  }

  static Request ping() {
    return Request.cmd(Command.PING);
  }

  /**
   * @param arguments texts, numbers and lists of texts
   */
  private static Request script(String script, List<String> names, Object... arguments) {
    String typed = script.equals(ANNOUNCE) || script.equals(ENTRIES) ? LOG : VALUES;
    Request request = Request.cmd(Command.EVAL).arg(typed + script).arg(names.size());
    names.forEach(request::arg);
    for (Object argument : arguments) {
      List<?> all = argument instanceof List<?> list ? list : List.of(argument);
      all.forEach(one -> request.arg(one.toString()));
    }
    return request;
  }

  private static List<String> names(List<StoredValue> values) {
    return values.stream().map(StoredValue::name).toList();
  }

  private static List<String> texts(List<StoredValue> values) {
    return values.stream().map(StoredValue::value).toList();
  }
}
