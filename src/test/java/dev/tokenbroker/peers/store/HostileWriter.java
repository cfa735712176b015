package dev.tokenbroker.peers.store;

import dev.tokenbroker.peers.store.StoreClaim.StoredValue;
import dev.tokenbroker.process.runtime.Unchecked;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Somebody with the password of a store, and without its key. It draws what it does to the names
 * there, and notes which entries of logs it took away and has not put back.
 */
final class HostileWriter {

  /** Says what it has taken out of a log: returns the members that are gone. */
  private static final String TAKING =
      """
      local before = redis.pcall('ZRANGE', KEYS[1], 0, -1)
      if before.err then redis.call('DEL', KEYS[1]) return {} end
      local size, now = #before, redis.call('TIME')[1] * 1000000
      local function some() return before[1 + ARGV[1] % math.max(1, size)] end
      TRICK
      local gone = {}
      for _, one in ipairs(before) do
        local score = redis.pcall('ZSCORE', KEYS[1], one)
        if not score or (type(score) == 'table' and score.err) then gone[#gone + 1] = one end
      end
      return gone
      """;

  /** What it does to a log, with a number that is drawn, an old value, and an older one. */
  private static final List<String> TRICKS =
      List.of(
          // Deletes.
          "if size > 0 then redis.call('ZREM', KEYS[1], some()) end",
          "redis.call('ZPOPMAX', KEYS[1])",
          "redis.call('ZPOPMIN', KEYS[1], 1 + ARGV[1] % 5)",
          "redis.call('ZPOPMAX', KEYS[1], 1 + ARGV[1] % 5)",
          "redis.call('DEL', KEYS[1])",
          "redis.call('ZREMRANGEBYRANK', KEYS[1], ARGV[1] % 7, ARGV[1] % 7 + 3)",
          // Inserts.
          "redis.call('ZADD', KEYS[1], now + ARGV[1] % 1000000000, 'junk' .. ARGV[1])",
          "redis.call('ZADD', KEYS[1], '-inf', 'first' .. ARGV[1], '+inf', 'last' .. ARGV[1])",
          "for i = 1, 150 do redis.call('ZADD', KEYS[1], now + 3e8, ARGV[1] .. '-' .. i) end",
          "for i = 1, 1100 do redis.call('ZADD', KEYS[1], now + 9e15, ARGV[1] .. '-' .. i) end",
          "redis.call('ZADD', KEYS[1], now, string.rep('x', 100000) .. ARGV[1])",
          "redis.call('ZADD', KEYS[1], now, '')",
          "if size > 0 then local v = some() redis.call('ZADD', KEYS[1], now, v:sub(1, #v / 2)) end",
          "if size > 0 then redis.call('ZADD', KEYS[1], now, some() .. 'A') end",
          // Puts back.
          "redis.call('ZADD', KEYS[1], now + ARGV[1] % 5, ARGV[2])",
          "redis.call('ZADD', KEYS[1], 'NX', 1, ARGV[2], 2, ARGV[3])",
          // Swaps and moves.
          "for i, v in ipairs(before) do redis.call('ZADD', KEYS[1], now - i, v) end",
          "for i, v in ipairs(before) do redis.call('ZADD', KEYS[1], now, v) end",
          "for i, v in ipairs(before) do redis.call('ZADD', KEYS[1], i, v) end",
          "for i, v in ipairs(before) do redis.call('ZADD', KEYS[1], now + 6e9 + i, v) end",
          "if size > 0 then redis.call('ZADD', KEYS[1], '+inf', some()) end",
          "if size > 0 then redis.call('ZADD', KEYS[1], now - 7e9, before[size]) end",
          "if size > 0 then redis.call('ZADD', KEYS[1], '-inf', before[size]) end",
          """
          local last = redis.call('ZPOPMAX', KEYS[1])
          if last[2] then redis.call('ZADD', KEYS[1], last[2], 'in its place') end
          """,
          """
          local last = redis.call('ZPOPMAX', KEYS[1], 2)
          if last[4] then redis.call('ZADD', KEYS[1], last[2], last[3], last[4], last[1]) end
          """,
          // Other types, and times to live.
          "redis.call('SET', KEYS[1], some() or 'text')",
          "redis.call('DEL', KEYS[1]) redis.call('HSET', KEYS[1], 'a', 'b')",
          "redis.call('DEL', KEYS[1]) redis.call('RPUSH', KEYS[1], some() or 'text')",
          "redis.call('PERSIST', KEYS[1])",
          "redis.call('DEL', KEYS[1]) -- as a time to live would");

  private final ValkeyServer server;
  private final Path dump;
  private final Random random;
  private final List<String> old = new ArrayList<>(List.of("old"));
  private final Set<StoredValue> taken = new HashSet<>();

  HostileWriter(ValkeyServer server, Path directory, Random random) {
    this.server = server;
    this.dump = directory.resolve("dump.rdb");
    this.random = random;
  }

  /** The entries that it took since it was last asked, and never put back, with their logs. */
  Set<StoredValue> taken() {
    Set<StoredValue> all = Set.copyOf(taken);
    taken.clear();
    return all;
  }

  /** Does something; returns what. */
  String act() {
    int drawn = random.nextInt(TRICKS.size() + 12);
    if (drawn < TRICKS.size()) {
      String log =
          one("{token-broker:%s}*".formatted(random.nextBoolean() ? "revoked" : "signing"));
      return log.isEmpty() ? "nothing" : trick(log, TRICKS.get(drawn));
    }
    String name = one("*");
    switch (drawn - TRICKS.size()) {
      case 0, 1 -> emptied(() -> server.admin("FLUSHALL"));
      case 2, 3 -> emptied(this::restartEmpty);
      case 4, 5 -> server.admin("SAVE");
      case 6, 7 -> emptied(this::restart);
      case 8 -> emptied(() -> swap(one("{token-broker:revoked}*"), one("{token-broker:signing}*")));
      case 9 ->
          emptied(() -> server.admin("EVAL", "redis.call('PEXPIRE', KEYS[1], 50)", "1", name));
      case 10 -> emptied(() -> server.admin("SET", name, "old value"));
      default -> emptied(() -> server.admin("DEL", name));
    }
    return List.of("flush", "restart empty", "save", "restart", "swap, expire, set, delete")
        .get(Math.min(4, (drawn - TRICKS.size()) / 2));
  }

  private String trick(String log, String trick) {
    record(log);
    String older = old.get(random.nextInt(old.size()));
    String oldest = old.get(random.nextInt(old.size()));
    server
        .admin(
            "EVAL",
            TAKING.replace("TRICK", trick),
            "1",
            log,
            "" + random.nextInt(1_000_000),
            older,
            oldest)
        .forEach(value -> taken.add(new StoredValue(log, value)));
    if (trick.contains("ARGV[2]")) {
      taken.removeAll(List.of(new StoredValue(log, older), new StoredValue(log, oldest)));
    }
    return trick;
  }

  /** Does something to whole names, and notes what the logs no longer have. */
  private void emptied(Runnable act) {
    List<String> logs = new ArrayList<>(names("{token-broker:revoked}*"));
    logs.addAll(names("{token-broker:signing}*"));
    Set<StoredValue> before = new HashSet<>();
    logs.forEach(log -> before.addAll(record(log)));
    act.run();
    logs.forEach(log -> before.removeAll(record(log)));
    taken.addAll(before);
  }

  private List<StoredValue> record(String log) {
    if (!server.admin("TYPE", log).getFirst().equals("zset")) {
      return List.of();
    }
    List<String> values =
        server.admin("ZRANGE", log, "0", "-1").stream().filter(v -> v.length() < 5000).toList();
    if (!values.isEmpty()) {
      old.add(values.get(random.nextInt(values.size())));
    }
    return values.stream().map(value -> new StoredValue(log, value)).toList();
  }

  private void swap(String one, String other) {
    if (!one.isEmpty() && !other.isEmpty()) {
      server.admin("RENAME", one, "{token-broker:x}");
      server.admin("RENAME", other, one);
      server.admin("RENAME", "{token-broker:x}", other);
    }
  }

  private void restartEmpty() {
    Unchecked.run(() -> Files.deleteIfExists(dump));
    restart();
  }

  /** With what was saved last, if anything was. */
  private void restart() {
    server.close();
    server.start();
  }

  private List<String> names(String pattern) {
    return server.admin("KEYS", pattern).stream().filter(name -> !name.isEmpty()).toList();
  }

  private String one(String pattern) {
    List<String> names = names(pattern);
    return names.isEmpty() ? "" : names.get(random.nextInt(names.size()));
  }
}
